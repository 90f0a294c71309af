/** Of the product; lerna keeps it equal in every package. */
export const VERSION = '0.1.0'
