import { z } from 'zod'

export const SessionRequest = z
  .strictObject({
    token: z
      .string()
      .regex(/^[!-~]{1,1000}$/, 'A token is 1 to 1,000 visible ASCII characters.')
      .optional()
      .meta({ description: "An organiser's or a buyer's token. Without one the browser becomes a new anonymous buyer." }),
  })
  .meta({ id: 'SessionRequest' })
