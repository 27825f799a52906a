// How the page is built: into web/dist, with graphs and curves in files of their own that load when they are looked at.
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    reportCompressedSize: true,
    // elkjs alone is larger than the rest together; it runs in a worker and only where a graph is looked at.
    chunkSizeWarningLimit: 1_700,
  },
  server: { host: '127.0.0.1', proxy: { '/api': 'http://127.0.0.1:7420', '/auth': 'http://127.0.0.1:7420' } },
})
