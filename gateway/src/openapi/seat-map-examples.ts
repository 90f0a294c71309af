/** Small halls to start from, by media type. The specification beside this file imports each of them. */
export const SEAT_MAP_EXAMPLES: Readonly<Record<string, object | string>> = {
  'application/vnd.cavea.seat-map+json': {
    name: 'Cabaret',
    focalPoint: { x: 0, y: 0 },
    categories: [{ name: 'Row', color: '#7f4a91' }, { name: 'Table' }, { name: 'Floor' }],
    sections: [
      {
        sectionId: 'parquet',
        name: 'Parquet',
        rows: [
          {
            label: 'A',
            seats: [
              { seatId: 'A-1', number: '1', x: -40, y: 60, category: 'Row', type: 'wheelchair' },
              { seatId: 'A-2', number: '2', x: -15, y: 60, category: 'Row', type: 'companion', aisleAfter: true },
              { seatId: 'A-3', number: '3', x: 15, y: 60, category: 'Row' },
              { seatId: 'A-4', number: '4', x: 40, y: 60, category: 'Row' },
            ],
          },
          {
            label: 'Table 1',
            table: 'whole',
            seats: [
              { seatId: 'T1-1', number: '1', x: -10, y: 110, category: 'Table' },
              { seatId: 'T1-2', number: '2', x: 10, y: 110, category: 'Table' },
            ],
          },
        ],
      },
      {
        sectionId: 'floor',
        name: 'Floor',
        standing: { capacity: 120, category: 'Floor', bounds: { x: -100, y: 150, width: 200, height: 80 } },
      },
    ],
  },
  'text/csv': [
    'section,row,number,category,type,table,capacity',
    'Parquet,A,1,Row,standard,,',
    'Parquet,A,2,Row,standard,,',
    'Tables,1,1,Table,standard,whole,',
    'Tables,1,2,Table,standard,,',
    'Floor,,,Floor,,,120',
    '',
  ].join('\n'),
}
