/**
 * An operation that graphql-ws takes for a stream of results: it never yields one, since the hub writes messages to the
 * socket itself. It starts when it is first asked for a result, and graphql-ws keeps the rest of the protocol: it ends
 * the operation when the client completes it or goes away, and tells the client when `end` was called here.
 */
export function watching(start: (end: (error?: unknown) => void) => () => void): AsyncGenerator<never, void, void> {
  let stop: (() => void) | undefined
  let isOver = false
  let settle: { readonly resolve: (result: IteratorResult<never, void>) => void; readonly reject: (error: unknown) => void } | undefined

  function end(error?: unknown): void {
    if (isOver) return
    isOver = true
    stop?.()
    if (error === undefined) settle?.resolve({ done: true, value: undefined })
    else settle?.reject(error)
  }

  const stream: AsyncGenerator<never, void, void> = {
    next() {
      return new Promise((resolve, reject) => {
        if (isOver) return resolve({ done: true, value: undefined })
        settle = { resolve, reject }
        try {
          const stopStarted = start(end)
          if (isOver) stopStarted()
          else stop = stopStarted
        } catch (error) {
          end(error)
        }
      })
    },
    return() {
      end()
      return Promise.resolve({ done: true, value: undefined })
    },
    throw(error: unknown) {
      end()
      return Promise.reject(error instanceof Error ? error : new Error(String(error)))
    },
    [Symbol.asyncIterator]: () => stream,
  }
  return stream
}
