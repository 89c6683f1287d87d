import { detailsContract } from './details.contract.ts'
import { freshDaysContract } from './fresh-days.contract.ts'
import { historyContract } from './history.contract.ts'
import { keepingContract, type StoreUnderTest } from './keeping.contract.ts'
import { lengthsContract } from './lengths.contract.ts'
import { peopleContract } from './people.contract.ts'
import { rangesContract } from './ranges.contract.ts'
import { receptionContract } from './reception.contract.ts'

/** What every store does alike: the same cases for each of them, nothing left out for any. */
export function storeContract(name: string, open: () => Promise<StoreUnderTest>): void {
  keepingContract(name, open)
  historyContract(name, open)
  freshDaysContract(name, open)
  rangesContract(name, open)
  lengthsContract(name, open)
  peopleContract(name, open)
  receptionContract(name, open)
  detailsContract(name, open)
}
