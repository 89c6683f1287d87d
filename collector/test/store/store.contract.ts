import { answersContract } from './answers.contract.ts'
import { historyContract } from './history.contract.ts'
import { keepingContract, type StoreUnderTest } from './keeping.contract.ts'

/** What every store does alike: the same cases for each of them, nothing left out for any. */
export function storeContract(name: string, open: () => Promise<StoreUnderTest>): void {
  keepingContract(name, open)
  historyContract(name, open)
  answersContract(name, open)
}
