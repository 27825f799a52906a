// Operations on the live world of a server keep the contract.
import { operationsContract } from './operations.ts'
import { serveIt } from './served.ts'

operationsContract(async (parts, now) => {
  const serving = await serveIt(parts, now)
  return { operations: serving.operations, close: () => serving.close() }
})
