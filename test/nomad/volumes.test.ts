import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quantityOf } from '../../src/nomad/translate/volume/claim.ts';
import { at, container, entry, fixture, volume } from './fixture.ts';
import { accountsOf, translated } from './translated.ts';

const mount = (of: ReturnType<typeof fixture>, name: string, path: string, file?: string) =>
  entry(at(container(of, name, file), 'volumeMounts'), 'mountPath', path);

test('a CSI volume is a claim under the name of its directory, without the prefix of the class', () => {
  const found = fixture('volume-csi');
  const photos = found.manifests.get('pvc-photos.yaml');
  assert.equal(at(photos, 'metadata', 'name'), 'gallery-photos');
  assert.equal(at(photos, 'metadata', 'annotations', 'volume-name'), 'gallery_photos');
  assert.equal(at(photos, 'spec', 'storageClassName'), 'glusterfs-nfs');
  assert.deepEqual(at(photos, 'spec', 'accessModes'), ['ReadWriteOnce']);
  assert.deepEqual(at(found.manifests.get('pvc-cache.yaml'), 'spec', 'accessModes'), ['ReadOnlyMany']);
  assert.equal(at(mount(found, 'gallery', '/photos'), 'readOnly'), undefined);
  assert.equal(at(mount(found, 'gallery', '/photos/cache'), 'readOnly'), true);
  assert.equal(at(found.manifests.get('deployment.yaml'), 'spec', 'strategy', 'type'), 'Recreate');
});

test('the size comes from Terraform, else from an answer, else the default is told', () => {
  const size = (given: Parameters<typeof fixture>[1]) => {
    const found = fixture('volume-csi', given);
    return { found, size: at(found.manifests.get('pvc-photos.yaml'), 'spec', 'resources', 'requests', 'storage') };
  };
  const terraform = {
    id: 'glusterfs_gallery_photos',
    pluginId: 'glusterfs',
    size: '20GiB',
    mountFlags: [],
    file: 'main.tf',
    line: 1,
  };
  const known = size({ surroundings: { volumes: new Map([[terraform.id, terraform]]) } });
  assert.equal(known.size, '20Gi');
  assert.ok(accountsOf(known.found, 'volume.photos.source').every((each) => each.class === 'direct'));
  assert.equal(size({ answers: { 'gallery.volume.photos.size': '7Gi' } }).size, '7Gi');
  const unknown = size({});
  assert.equal(unknown.size, '1Gi');
  assert.ok(unknown.found.questions.some(({ id }) => id === 'gallery.volume.photos.size'));
  assert.ok(accountsOf(unknown.found, 'volume.photos.source').some(({ todo }) => todo?.includes('how large')));
});

test('how Terraform has a volume mounted is told, because a claim cannot say it', () => {
  const volumeOf = (mountFlags: readonly string[]) => {
    const id = 'glusterfs_gallery_photos';
    const beside = { id, pluginId: 'glusterfs', size: '20GiB', mountFlags, file: 'main.tf', line: 7 };
    const found = fixture('volume-csi', { surroundings: { volumes: new Map([[id, beside]]) } });
    return accountsOf(found, 'volume.photos.source').filter(({ row }) => row === 'volume.mount_options');
  };
  const [told] = volumeOf(['noatime', 'ro']);
  assert.equal(told?.class, 'manual');
  assert.match(told?.todo ?? '', /glusterfs_gallery_photos, noatime,ro \(main\.tf:7\)/);
  assert.deepEqual(volumeOf([]), []);
});

test('a registered volume has its handle, attributes and mount options where a driver is known for its plugin', () => {
  const id = 'glusterfs_gallery_photos';
  const beside = {
    id,
    pluginId: 'ebs0',
    externalId: 'vol-1',
    mountFlags: ['noatime'],
    fsType: 'xfs',
    context: { partition: '1' },
    file: 'main.tf',
    line: 7,
  };
  const given = { surroundings: { volumes: new Map([[id, beside]]) } };
  const found = fixture('volume-csi', { ...given, policy: { storage: { csiDrivers: { ebs0: 'ebs.csi.aws.com' } } } });
  const volumeSpec = at(found.manifests.get('persistentvolume.yaml'), 'spec');
  assert.deepEqual(at(volumeSpec, 'csi'), {
    driver: 'ebs.csi.aws.com',
    volumeHandle: 'vol-1',
    fsType: 'xfs',
    volumeAttributes: { partition: '1' },
  });
  assert.deepEqual(at(volumeSpec, 'mountOptions'), ['noatime']);
  assert.equal(at(volumeSpec, 'persistentVolumeReclaimPolicy'), 'Retain');
  assert.deepEqual(at(volumeSpec, 'claimRef'), { namespace: 'default', name: 'gallery-photos' });
  const claim = at(found.manifests.get('pvc-photos.yaml'), 'spec');
  assert.equal(at(claim, 'storageClassName'), '');
  assert.equal(at(claim, 'volumeName'), 'default-gallery-photos');
  // one writer, as with a claim of the class
  assert.equal(at(found.manifests.get('deployment.yaml'), 'spec', 'strategy', 'type'), 'Recreate');
  const told = accountsOf(found, 'volume.photos.source').map(({ row, class: each }) => `${row} ${each}`);
  assert.deepEqual(told, ['volume.csi direct', 'volume.mount_options direct', 'volume.registered direct']);
  const without = fixture('volume-csi', given);
  assert.equal(without.manifests.has('persistentvolume.yaml'), false);
  const [left] = accountsOf(without, 'volume.photos.source').filter(({ row }) => row === 'volume.registered');
  assert.equal(left?.class, 'manual');
  assert.match(left?.todo ?? '', /holds what ebs0 calls vol-1, or name its CSI driver .* \(main\.tf:7\)/);
});

test('sizes of Nomad become quantities', () => {
  const cases = {
    '10GiB': '10Gi',
    '10GB': '10G',
    '10G': '10G',
    '5 MiB': '5Mi',
    '1.5TiB': '1.5Ti',
    '7KB': '7k',
    '100': '100',
    '3b': '3',
  };
  for (const [from, to] of Object.entries(cases)) assert.equal(quantityOf(from), to, from);
  for (const from of ['', 'ten', '10XB', '-1G']) assert.equal(quantityOf(from), undefined, from);
});

test('one volume of two groups is one claim', () => {
  const found = fixture('volume-shared');
  assert.deepEqual(
    [...found.manifests.keys()].filter((file) => file.startsWith('pvc')),
    ['pvc.yaml'],
  );
  assert.deepEqual(at(found.manifests.get('pvc.yaml'), 'spec', 'accessModes'), ['ReadWriteMany']);
});

test('per_alloc makes a claim for each pod, and no two of them the same directory', () => {
  const found = fixture('volume-per-alloc');
  const set = found.manifests.get('statefulset.yaml');
  const template = at(set, 'spec', 'volumeClaimTemplates', 0);
  assert.equal(at(template, 'metadata', 'name'), 'data');
  assert.equal(at(template, 'metadata', 'annotations'), undefined);
  assert.equal(volume(found, 'data', 'statefulset.yaml'), undefined);
  assert.equal(at(mount(found, 'node', '/var/lib/ring', 'statefulset.yaml'), 'name'), 'data');
});

test('a device is a device, and options of a mount are told', () => {
  const found = fixture('volume-block');
  assert.deepEqual(at(container(found, 'disk'), 'volumeDevices'), [{ name: 'raw', devicePath: '/dev/raw0' }]);
  assert.equal(at(found.manifests.get('pvc-raw.yaml'), 'spec', 'volumeMode'), 'Block');
  assert.equal(at(mount(found, 'disk', '/srv/My Files'), 'mountPropagation'), 'HostToContainer');
  assert.match(accountsOf(found, 'mount_options.mount_flags')[0]?.todo ?? '', /noatime,nodiratime/);
});

test('a host volume keeps its pod waiting rather than start on an empty directory', () => {
  const found = fixture('volume-host');
  const file = 'statefulset.yaml';
  assert.deepEqual(at(volume(found, 'books', file), 'hostPath'), {
    path: '/opt/nomad/volumes/books',
    type: 'Directory',
  });
  assert.match(accountsOf(found, 'volume.books.source')[0]?.todo ?? '', /guess/);
  const told = fixture('volume-host', { policy: { hostVolumes: { books: '/srv/books' } } });
  assert.equal(at(volume(told, 'books', file), 'hostPath', 'path'), '/srv/books');
  assert.ok(![...told.questions].some(({ id }) => id.endsWith('books.path')), 'the policy has answered');
  assert.equal(at(mount(found, 'ledger', '/local/scratch', file), 'name'), 'scratch');
});

test('every form of a docker volume has its place', () => {
  const found = fixture('docker-volumes');
  assert.deepEqual(mount(found, 'writer', '/etc/nginx/nginx.conf'), {
    name: 'files',
    mountPath: '/etc/nginx/nginx.conf',
    subPath: 'nginx.conf',
    readOnly: true,
  });
  const sites = at(volume(found, 'writer-sites'), 'projected', 'sources', 0, 'configMap', 'items');
  assert.deepEqual(sites, [
    { key: 'one.conf', path: 'one.conf' },
    { key: 'two.conf', path: 'two.conf', mode: 0o600 },
  ]);
  assert.deepEqual(volume(found, 'writer-local'), { name: 'writer-local', emptyDir: {} });
  assert.equal(at(mount(found, 'writer', '/data'), 'subPath'), 'data');
  assert.deepEqual(mount(found, 'writer', '/shared'), { name: 'alloc', mountPath: '/shared', subPath: 'data/shared' });
  assert.equal(at(mount(found, 'reader', '/alloc'), 'name'), 'alloc');
  assert.equal(at(volume(found, 'alloc'), 'emptyDir', 'sizeLimit'), '500Mi');
  assert.equal(at(mount(found, 'writer', '/media'), 'readOnly'), true);
  assert.equal(at(volume(found, 'host-srv-media'), 'hostPath', 'path'), '/srv/media');
  assert.equal(at(mount(found, 'writer', '/state'), 'subPathExpr'), '$(NODE_NAME)/state');
  const texts = accountsOf(found, 'writer.config.volumes').flatMap(({ text }) => text);
  assert.ok(texts.some((text) => text.includes('no Docker behind it')));
});

test('options of an NFS mount stay with the volume', () => {
  const found = fixture('docker-mounts');
  const spec = at(found.manifests.get('persistentvolume.yaml'), 'spec');
  assert.deepEqual(at(spec, 'mountOptions'), ['soft', 'nolock', 'timeo=30']);
  assert.deepEqual(at(spec, 'nfs'), { server: '192.0.2.10', path: '/export/films' });
  assert.equal(at(spec, 'persistentVolumeReclaimPolicy'), 'Retain');
  const claim = found.manifests.get('pvc-films.yaml');
  assert.equal(at(claim, 'spec', 'volumeName'), at(found.manifests.get('persistentvolume.yaml'), 'metadata', 'name'));
  assert.equal(at(claim, 'spec', 'storageClassName'), '');
});

test('a directory in memory raises the limit that it counts against', () => {
  const found = fixture('docker-mounts');
  assert.deepEqual(at(volume(found, 'blocks-run-app'), 'emptyDir'), { medium: 'Memory', sizeLimit: '64Mi' });
  assert.equal(at(container(found, 'blocks'), 'resources', 'limits', 'memory'), '320Mi');
  assert.deepEqual(at(volume(fixture('podman-tmpfs'), 'pod-run'), 'emptyDir'), { medium: 'Memory', sizeLimit: '16Mi' });
});

test('what Nomad kept over updates gets a claim; what nobody uses gets nothing', () => {
  const sticky = fixture('disk-sticky');
  assert.equal(at(volume(sticky, 'alloc'), 'persistentVolumeClaim', 'claimName'), 'counter-alloc');
  assert.equal(at(volume(sticky, 'counter-local'), 'persistentVolumeClaim', 'claimName'), 'counter-counter-local');
  assert.equal(at(sticky.manifests.get('deployment.yaml'), 'spec', 'strategy', 'type'), 'Recreate');
  assert.equal(volume(fixture('disk-unused'), 'alloc'), undefined);
});

test('two mounts at one path are told, and the first is kept', () => {
  const found = translated(`job "twice" {
    group "g" {
      task "t" {
        driver = "docker"
        config {
          image   = "example.org/t:1"
          volumes = ["local/a:/same", "local/b:/same/"]
        }
      }
    }
  }`);
  const mounts = at(container(found, 't'), 'volumeMounts');
  assert.equal(
    Array.isArray(mounts) && mounts.filter((each) => String(at(each, 'mountPath')).startsWith('/same')).length,
    1,
  );
  assert.ok(
    accountsOf(found, 'config.volumes').some((each) => each.class === 'manual' && each.text.includes('two mounts')),
  );
});

test('a source outside the allocation is not mounted', () => {
  const found = translated(`job "out" {
    group "g" {
      task "t" {
        driver = "docker"
        config {
          image   = "example.org/t:1"
          volumes = ["../../../etc:/etc/host"]
        }
      }
    }
  }`);
  assert.equal(at(container(found, 't'), 'volumeMounts'), undefined);
  assert.equal(accountsOf(found, 'config.volumes')[0]?.class, 'manual');
});

test('volumes whose names become one in Kubernetes stay apart', () => {
  const found = translated(`job "apart" {
    group "g" {
      volume "my_data" {
        type        = "csi"
        source      = "glusterfs_my_data"
        access_mode = "single-node-writer"
      }
      volume "my-data" {
        type        = "csi"
        source      = "my-data"
        access_mode = "single-node-writer"
      }
      volume "alloc" {
        type        = "csi"
        source      = "loved"
        access_mode = "single-node-writer"
      }
      task "t" {
        driver = "docker"
        config {
          image = "example.org/t:1"
          args  = ["/alloc/tmp"]
        }
        volume_mount {
          volume      = "my_data"
          destination = "/one"
        }
        volume_mount {
          volume      = "my-data"
          destination = "/two"
        }
        volume_mount {
          volume      = "alloc"
          destination = "/loved"
        }
      }
    }
  }`);
  const claimAt = (path: string) => {
    const name = String(at(mount(found, 't', path), 'name'));
    return at(volume(found, name), 'persistentVolumeClaim', 'claimName');
  };
  assert.deepEqual(['/one', '/two', '/loved'].map(claimAt), ['my-data', 'my-data-2', 'loved']);
  assert.ok(
    at(volume(found, String(at(mount(found, 't', '/alloc'), 'name'))), 'emptyDir'),
    'no volume of the job is /alloc',
  );
  assert.ok(accountsOf(found, 'volume.my-data.source').some((each) => each.class === 'manual'));
});

test('modes of a docker volume are in the mount or told: none is lost', () => {
  const found = translated(`
    job "modes" {
      group "g" {
        task "t" {
          driver = "docker"
          config {
            image   = "example.org/t:1"
            volumes = ["/mnt/disks:/disks:ro,rslave", "/srv/made:/made:z", "/srv/odd:/odd:U"]
          }
        }
      }
    }`);
  assert.equal(at(mount(found, 't', '/disks'), 'mountPropagation'), 'HostToContainer');
  assert.equal(at(mount(found, 't', '/disks'), 'readOnly'), true);
  const told = accountsOf(found, 'config.volumes');
  assert.ok(told.some((each) => each.class === 'approximate' && each.text.includes('z has no twin')));
  assert.ok(told.some((each) => each.class === 'manual' && each.text.includes('without U')));
});
