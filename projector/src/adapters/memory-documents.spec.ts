import { describeDocumentReader } from '../testing/document-reader-contract.ts'
import { describeProjectionStore } from '../testing/store-contract.ts'
import { fieldsOf } from './documents.ts'
import { openMemoryDocuments } from './memory-documents.ts'

describeProjectionStore('A process of its own', 'documents', async () => {
  const store = openMemoryDocuments()
  return {
    open: () => Promise.resolve(store), // Nobody else can see what is in this process.
    read: async ({ name }) => (await store.find(name, { filter: {}, limit: 10_000 }))?.map(fieldsOf),
    stop: () => Promise.resolve(),
  }
})

describeDocumentReader('A process of its own', async () => {
  const store = openMemoryDocuments()
  return { store, reader: store, stop: () => store.close() }
})
