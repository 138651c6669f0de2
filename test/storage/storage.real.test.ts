/** Real storage. Two parts run beside each other, because most of their time is spent waiting for what is broken to be told. */
import { describe, it } from 'node:test';
import { failures } from './failures.ts';
import { onGluster } from './gluster-journey.ts';
import { onNfs } from './nfs.ts';

describe('real storage', { concurrency: 2 }, () => {
  it('tells every failure in its words, heals, and keeps it from other exports', { concurrency: true }, failures);
  it('is GlusterFS by its FUSE client, with NFS-Ganesha in front of it', onGluster);
  it('is an NFS server in the kernel of User-Mode Linux', onNfs);
});
