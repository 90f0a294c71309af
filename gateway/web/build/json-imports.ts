import type { Plugin } from 'vite'

const ATTRIBUTES = /,\s*\{\s*with:\s*\{\s*type:\s*'json'\s*\}\s*,?\s*\}/g

/** While one works on it, Vite serves JSON as a script, which a browser refuses where the import says that it is JSON. */
export function jsonImports(): Plugin {
  return {
    name: 'cavea-json-imports',
    apply: 'serve',
    enforce: 'pre',
    transform: (code, id) => (id.includes('/seat-picker/') && code.includes("type: 'json'") ? code.replace(ATTRIBUTES, '') : undefined),
  }
}
