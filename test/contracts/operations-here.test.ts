// Operations whose engine lives in this process keep the contract.
import { siteOperations } from '../../src/engine/site-operations.ts'
import { operationsContract } from './operations.ts'

operationsContract(async (parts) => {
  const operations = siteOperations(parts)
  return { operations, close: () => operations.close() }
})
