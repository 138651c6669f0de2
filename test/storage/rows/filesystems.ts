/** Filesystems that are there and cannot take a directory. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { eventsOf } from '../../e2e/claims.ts';
import { eventually } from '../../e2e/larder.ts';
import type { Row } from '../row.ts';

const FREED = 'free some space, it is retried every 30s';

export const filesystems: readonly Row[] = [
  {
    name: 'ENOSPC: the claim says what is free, and its success is announced',
    needs: 'room',
    async run({ stage, room }) {
      await stage.claim('large', 'full');
      await stage.refusedLike(
        'large',
        new RegExp(`^no space left on export full:/v: \\d+ bytes / \\d+ inodes free.*: ${FREED}$`),
      );
      assert.ok(!existsSync(room().at('/mnt/full/x-large')));
      rmSync(room().at('/mnt/full/ballast'));
      await stage.bound('large');
      await eventually('its success to be told', async () => {
        const events = await eventsOf(stage.client, 'default', 'large');
        return events.find(({ reason }) => reason === 'ProvisioningSucceeded');
      });
    },
  },
  {
    name: 'no inodes: the claim says how many are free',
    needs: 'room',
    async run({ stage, room }) {
      await stage.claim('many', 'few');
      await stage.refusedLike(
        'many',
        new RegExp(`^no space left on export few:/v: \\d+ bytes / [0-9]{2,3} inodes free.*: ${FREED}$`),
      );
      assert.ok(!existsSync(room().at('/mnt/few/x-many')));
    },
  },
  {
    name: 'EROFS: told, and used again when it is writable',
    needs: 'room',
    async run({ stage, room }) {
      await stage.claim('cold', 'frozen');
      await stage.refused('cold', 'export frozen:/v is read-only: export it writable, it is retried by itself');
      await room().run('mount -o remount,bind,rw /mnt/frozen');
      await stage.bound('cold');
    },
  },
  {
    name: 'not mounted: nothing is written in its place, before and after',
    needs: 'room',
    async run({ stage, room }) {
      const root = room().at('/mnt/bare');
      const message = `storage unavailable: ${root} is not a mounted export: mount bare:/v there, it is retried by itself`;
      await stage.claim('early', 'bare');
      await stage.refused('early', message);
      await room().run('mount -t tmpfs -o size=80m tmpfs /mnt/bare');
      await stage.bound('early');
      await room().run('umount -l /mnt/bare');
      await stage.claim('late', 'bare');
      await stage.refused('late', message);
      assert.deepEqual(readdirSync(root), []);
    },
  },
];
