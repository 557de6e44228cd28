// UTF-8, RFC 3629 section 4: octets, and what Utf8Validator says of them, in one span or in many.

export interface Utf8Vector {
  name: string
  in: string
  /** `complete`, `incomplete`, or `wrong @N`. */
  log: string
}

const vector = (name: string, octets: string, log: string): Utf8Vector => ({
  name,
  in: octets,
  log,
})
const ascii = (count: number) => '61*' + count

export const utf8Vectors: Utf8Vector[] = [
  vector('nothing', '', 'complete'),
  vector('NUL to DEL', '00 01 1f 20 7e 7f', 'complete'),
  vector('ASCII by whole words', ascii(64), 'complete'),
  vector('ASCII with a tail', ascii(67), 'complete'),
  vector('text in many scripts', '"aä€😀 Ελληνικά русский 日本語 עברית"', 'complete'),

  // Rows of the table: the least and the greatest octet of each column.
  ...['c2 80', 'c2 bf', 'df 80', 'df bf'].map((octets) => vector('2 octets', octets, 'complete')),
  ...[
    'e0 a0 80',
    'e0 bf bf',
    'e1 80 80',
    'ec bf bf',
    'ed 80 80',
    'ed 9f bf',
    'ee 80 80',
    'ef bf bf',
  ].map((octets) => vector('3 octets', octets, 'complete')),
  ...['f0 90 80 80', 'f0 bf bf bf', 'f1 80 80 80', 'f3 bf bf bf', 'f4 80 80 80', 'f4 8f bf bf'].map(
    (octets) => vector('4 octets', octets, 'complete'),
  ),

  // The octet before the least and behind the greatest.
  ...['80', 'bf', 'c0', 'c1', 'f5', 'f6', 'f7', 'f8', 'fb', 'fc', 'fd', 'fe', 'ff'].map((octet) =>
    vector('no first octet', octet, 'wrong @0'),
  ),
  ...[
    'c2 7f',
    'c2 c0',
    'df 7f',
    'df c0',
    'e0 9f',
    'e0 c0',
    'e1 7f',
    'e1 c0',
    'ed 7f',
    'ed a0',
    'ef 7f',
  ].map((octets) => vector('a wrong second octet', octets, 'wrong @1')),
  ...['f0 8f', 'f0 c0', 'f1 7f', 'f1 c0', 'f3 7f', 'f3 c0', 'f4 7f', 'f4 90', 'f4 bf'].map(
    (octets) => vector('a wrong second octet of 4', octets, 'wrong @1'),
  ),
  ...[
    'e0 a0 7f',
    'e0 a0 c0',
    'ed 9f 7f',
    'ed 9f c0',
    'f0 90 7f',
    'f0 90 c0',
    'f4 8f 7f',
    'f4 8f c0',
  ].map((octets) => vector('a wrong third octet', octets, 'wrong @2')),
  ...['f0 90 80 7f', 'f0 90 80 c0', 'f4 8f bf 7f', 'f4 8f bf c0'].map((octets) =>
    vector('a wrong fourth octet', octets, 'wrong @3'),
  ),

  // The narrower bounds of one character do not reach into the next.
  vector('the bounds of E0 hold for one octet', 'e0 a0 80 e1 80 80', 'complete'),
  vector('the bounds of ED hold for one octet', 'ed 80 bf ee bf bf', 'complete'),
  vector('the bounds of F0 hold for one octet', 'f0 90 80 80 f1 80 80 80', 'complete'),
  vector('the bounds of F4 hold for one octet', 'f4 80 bf bf f3 bf bf bf', 'complete'),

  vector('1 of 2 octets', '61 c3', 'incomplete'),
  vector('1 of 3 octets', 'e2', 'incomplete'),
  vector('2 of 3 octets', 'e2 82', 'incomplete'),
  vector('1 of 4 octets', 'f0', 'incomplete'),
  vector('2 of 4 octets', 'f0 9f', 'incomplete'),
  vector('3 of 4 octets', 'f0 9f 98', 'incomplete'),

  // Where ASCII is passed over by words: a wrong octet at each place of a word, before and behind.
  ...Array.from({ length: 12 }, (_, i) =>
    vector(
      'FF behind ' + (i + 20) + ' of ASCII',
      ascii(i + 20) + ' ff ' + ascii(20),
      'wrong @' + (i + 20),
    ),
  ),
  ...Array.from({ length: 12 }, (_, i) =>
    vector(
      'a character behind ' + (i + 20) + ' of ASCII',
      ascii(i + 20) + ' "€" ' + ascii(20),
      'complete',
    ),
  ),
  vector('half a character, then ASCII by words', ascii(8) + ' e2 82 ' + ascii(16), 'wrong @10'),
]
