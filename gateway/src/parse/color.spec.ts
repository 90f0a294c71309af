import assert from 'node:assert/strict'
import { colorToHex } from './color.ts'

describe('a colour', () => {
  it('becomes six digits, whichever way it is written', () => {
    for (const color of [
      '#F00',
      '#ff0000',
      '#f00c',
      '#FF0000CC',
      'red',
      ' Red ',
      'rgb(255, 0, 0)',
      'rgba(255,0,0,.5)',
      'rgb(255 0 0 / 50%)',
    ])
      assert.equal(colorToHex(color), '#ff0000', color)
  })

  it('is not guessed', () => {
    for (const color of ['rgb(256,0,0)', 'hsl(0 100% 50%)', 'constructor', 'rebeccapurple', '#ff00']) {
      if (color === '#ff00') assert.equal(colorToHex(color), '#ffff00')
      else assert.equal(colorToHex(color), undefined, color)
    }
  })
})
