// Masking, RFC 6455 section 5.3: key, payload, and the payload masked.

export interface MaskVector {
  name: string
  key: string
  in: string
  out: string
}

export const maskVectors: MaskVector[] = [
  {
    name: 'the example of section 5.7',
    key: '37 fa 21 3d',
    in: '"Hello"',
    out: '7f 9f 4d 51 58',
  },
  { name: 'nothing', key: '37 fa 21 3d', in: '', out: '' },
  { name: 'one octet', key: '37 fa 21 3d', in: '00', out: '37' },
  {
    name: 'the key shows through zeros',
    key: '01 02 03 04',
    in: '00*10',
    out: '01 02 03 04 01 02 03 04 01 02',
  },
  { name: 'a key of zeros', key: '00*4', in: '"as it is"', out: '"as it is"' },
  {
    name: 'octets above 7F',
    key: 'ff 80 7f 01',
    in: 'ff ff ff ff 80 80 80 80',
    out: '00 7f 80 fe 7f 00 ff 81',
  },
  {
    name: 'the length from which words are used, and more',
    key: '80 01 ff 7f',
    in: '00*61',
    out: '80 01 ff 7f '.repeat(15) + '80',
  },
]
