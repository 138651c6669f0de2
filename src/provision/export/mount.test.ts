import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isMounted } from './mount.ts';

const EXT4 = 0xef53n;
const NFS = 0x6969n;
const FUSE = 0x65735546n;
const OVERLAY = 0x794c7630n;

describe('isMounted', () => {
  it('is true for another device than the one above, and for a network filesystem', () => {
    assert.equal(isMounted({ device: 2n, parentDevice: 1n, magic: EXT4 }), true);
    assert.equal(isMounted({ device: 1n, parentDevice: 1n, magic: NFS }), true);
    assert.equal(isMounted({ device: 1n, parentDevice: 1n, magic: FUSE }), true);
  });

  it("is false for a directory on the container's own disk: an unmounted export", () => {
    assert.equal(isMounted({ device: 1n, parentDevice: 1n, magic: EXT4 }), false);
    assert.equal(isMounted({ device: 1n, parentDevice: 1n, magic: OVERLAY }), false);
  });
});
