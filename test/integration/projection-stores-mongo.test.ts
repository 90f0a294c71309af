import { randomBytes } from 'node:crypto'
import { startMongo } from '@cavea/engines/mongo'
import { fieldsOf } from '@cavea/projector/adapters/documents'
import { openMongoDocuments } from '@cavea/projector/adapters/mongo-documents'
import { describeDocumentReader } from '@cavea/projector/testing/document-reader-contract'
import { describeProjectionStore } from '@cavea/projector/testing/store-contract'
import { skipsEngine } from '../support/engines.ts'

/** A database that no other run uses, where the server is one that somebody else started. */
function database(url: string): string {
  const uri = new URL(url)
  uri.pathname = `/t${randomBytes(6).toString('hex')}`
  return uri.href
}

if (!skipsEngine('mongo')) {
  describeProjectionStore('MongoDB', 'documents', async () => {
    const engine = await startMongo()
    const uri = database(engine.url)
    const reader = openMongoDocuments({ uri })
    return {
      open: () => Promise.resolve(openMongoDocuments({ uri })),
      read: async ({ name }) => (await reader.find(name, { filter: {}, limit: 10_000 }))?.map(fieldsOf),
      async stop() {
        await reader.close()
        await engine.stop()
      },
    }
  })

  describeDocumentReader('MongoDB', async () => {
    const engine = await startMongo()
    const store = openMongoDocuments({ uri: database(engine.url) })
    return {
      store,
      reader: store,
      async stop() {
        await store.close()
        await engine.stop()
      },
    }
  })
}
