import assert from 'node:assert/strict';
import { BlockList, isIP } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { contains, overlap, parseAddress, parseRange } from './address.ts';

const spelt = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.string(),
  fc
    .array(fc.constantFrom('0', '1', '255', '256', 'ffff', ':', '::', '.', 'g'), { maxLength: 12 })
    .map((parts) => parts.join('')),
);

test('what is an address is what the runtime takes for one', () => {
  fc.assert(
    fc.property(spelt, (text) => {
      assert.equal(parseAddress(text) !== undefined, isIP(text) !== 0 && !text.includes('%'), text);
    }),
    { numRuns: 20_000 },
  );
});

test('an address lies in a range as the runtime says', () => {
  const family = fc.constantFrom(4 as const, 6 as const);
  fc.assert(
    fc.property(
      family.chain((of) =>
        fc.record({
          of: fc.constant(of),
          net: of === 4 ? fc.ipV4() : fc.ipV6(),
          prefix: fc.nat({ max: of === 4 ? 32 : 128 }),
          address: of === 4 ? fc.ipV4() : fc.ipV6(),
          inside: fc.boolean(),
        }),
      ),
      ({ of, net, prefix, address, inside }) => {
        const list = new BlockList();
        list.addSubnet(net, prefix, `ipv${of}`);
        const range = parseRange(`${net}/${prefix}`);
        const tried = parseAddress(inside ? net : address);
        if (range === undefined || tried === undefined) return assert.fail(`${net}/${prefix} ${address}`);
        fc.pre(range.family === of && tried.family === of); // an IPv4 address in IPv6's clothes is IPv4 here
        assert.equal(contains(range, tried), list.check(inside ? net : address, `ipv${of}`));
      },
    ),
    { numRuns: 5_000 },
  );
});

test('ranges overlap where one holds an end of the other', () => {
  const of = (a: string, b: string): boolean | undefined => {
    const [left, right] = [parseRange(a), parseRange(b)];
    return left && right && overlap(left, right);
  };
  assert.equal(of('10.42.0.0/16', '10.42.255.0/24'), true);
  assert.equal(of('10.42.255.0/24', '10.42.0.0/16'), true);
  assert.equal(of('10.42.0.0/16', '10.43.0.0/16'), false);
  assert.equal(of('0.0.0.0/0', '::/0'), false);
});

test('what is no range has none', () => {
  for (const text of [
    '10.0.0.0',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0/8',
    '::/129',
    '/8',
    '10.0.0.0/-1',
    '10.0.0.0/0x8',
  ])
    assert.equal(parseRange(text), undefined, text);
});
