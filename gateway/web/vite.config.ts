import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { jsonImports } from './build/json-imports.ts'
import { precompress } from './build/precompress.ts'

// biome-ignore lint/style/noDefaultExport: this is where Vite looks for it.
export default defineConfig({
  plugins: [jsonImports(), react(), precompress()],
  resolve: { conditions: ['source', 'module', 'browser', 'development|production'] },
  build: {
    target: 'es2022',
    // Inlined files would be `data:` addresses, which the content security policy forbids to all but images.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: {
      // Pages are Vite's own while one works on them; what they are drawn from is the gateway's.
      '^/(performances/.*)?(\\?.*)?$': {
        target: 'http://127.0.0.1:3000',
        bypass: ({ headers, url }) => (headers.accept?.includes('application/vnd.cavea.page+json') === true ? undefined : url),
      },
      '/v1': 'http://127.0.0.1:3000',
      '/graphql': { target: 'http://127.0.0.1:3000', ws: true },
    },
  },
})
