import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, container, entry, fixture, volume } from './fixture.ts';
import { accountsOf, translated } from './translated.ts';

const env = (of: ReturnType<typeof fixture>, task: string, name: string) =>
  entry(at(container(of, task), 'env'), 'name', name);

test('a file without secrets is in the ConfigMap to the byte, under its path and mode', () => {
  const found = fixture('template-static');
  const data = at(found.manifests.get('configmap.yaml'), 'data');
  assert.equal(at(data, 'index.html'), '<h1>Pages</h1>\n<p>0: ONE</p>\n<p>1: TWO</p>\n<p>2: THREE</p>\n');
  assert.match(String(at(data, 'start.sh')), /'\{\{ \.State\.Status \}\}' pages\nexec serve --port \$\{PORT:-80\}\n$/);
  const start = entry(at(container(found, 'pages'), 'volumeMounts'), 'mountPath', '/local/start.sh');
  assert.equal(at(volume(found, String(at(start, 'name'))), 'configMap', 'defaultMode'), 0o755);
  assert.ok(entry(at(container(found, 'pages'), 'volumeMounts'), 'mountPath', '/secrets/plain.txt'));
});

test('a file with secrets stays a template, and each key is fetched once', () => {
  const found = fixture('template-secret');
  const spec = at(found.manifests.get('externalsecret.yaml'), 'spec');
  assert.equal(
    at(spec, 'target', 'template', 'data', 'mailer.json'),
    '{\n  "user": {{ toJson .user }},\n  "password": {{ toJson .password }},\n  {{ if .relay }}"relay": "{{ .relay }}",{{ end }}\n  "greeting": "Hello {name}, {{ "{{" }} not ours }}"\n}\n',
  );
  assert.equal(at(spec, 'target', 'template', 'mergePolicy'), 'Merge');
  const data = at(spec, 'data');
  assert.ok(Array.isArray(data));
  assert.deepEqual(entry(data, 'secretKey', 'password'), {
    secretKey: 'password',
    remoteRef: { key: 'kv/mailer/smtp', property: 'password' },
  });
  assert.equal(data.length, 4);
  assert.equal(at(entry(data, 'secretKey', 'api_key'), 'sourceRef', 'storeRef', 'name'), 'vault-backend-v1');
  const mount = entry(at(container(found, 'mailer'), 'volumeMounts'), 'mountPath', '/etc/mailer.json');
  assert.equal(at(volume(found, String(at(mount, 'name'))), 'secret', 'secretName'), 'mailer-secrets');
});

test('variables are read as Nomad reads them, and secrets come from the Secret', () => {
  const found = fixture('template-env');
  assert.deepEqual(env(found, 'shop', 'MODE'), { name: 'MODE', value: 'production' });
  assert.deepEqual(env(found, 'shop', 'GREETING'), { name: 'GREETING', value: 'Hello # you' });
  assert.deepEqual(env(found, 'shop', 'LISTEN'), { name: 'LISTEN', value: '0.0.0.0:8080' });
  assert.deepEqual(env(found, 'shop', 'SELF'), { name: 'SELF', value: '$(NOMAD_IP_http):8080' });
  assert.deepEqual(at(env(found, 'shop', 'DB_USER'), 'valueFrom', 'secretKeyRef'), {
    name: 'shop-secrets',
    key: 'user',
  });
  const spec = at(found.manifests.get('externalsecret-secrets.yaml'), 'spec');
  assert.equal(
    at(spec, 'target', 'template', 'data', 'DB_URL'),
    'postgres://{{ .user }}:{{ .password }}@db.example.org/shop',
  );
  assert.deepEqual(at(container(found, 'shop'), 'envFrom'), [{ secretRef: { name: 'shop-secret-shop-flags' } }]);
  const whole = at(found.manifests.get('externalsecret-secret-shop-flags.yaml'), 'spec', 'dataFrom');
  assert.deepEqual(whole, [{ extract: { key: 'secret/shop/flags' } }]);
  const names = at(container(found, 'shop'), 'env');
  assert.ok(Array.isArray(names));
  const order = names.map((each) => at(each, 'name'));
  assert.ok(order.indexOf('NOMAD_IP_http') < order.indexOf('SELF'), 'a name is declared before it is used');
});

test('a variable of Nomad has to be copied, key by key', () => {
  const copy = accountsOf(fixture('template-env'), 'template[1].data').find(({ row }) => row === 'template.nomad_var');
  assert.equal(copy?.class, 'approximate');
  assert.match(copy?.todo ?? '', /nomad\/jobs\/shop \(hash\)/);
});

test('services become names and ports; one that is not here leaves the file out', () => {
  const found = fixture('template-service');
  const data = at(found.manifests.get('configmap.yaml'), 'data');
  assert.match(String(at(data, 'upstreams.conf')), /server front-api\.default\.svc\.cluster\.local:8080;/);
  assert.equal(at(data, 'tuning.conf'), 'workers = 4\n');
  assert.equal(at(data, 'elsewhere.conf'), undefined);
  assert.ok(accountsOf(found, 'template[2].data').some((each) => each.class === 'manual' && each.todo !== undefined));
});

test('what nobody can translate is not written, and says why', () => {
  const found = fixture('template-manual');
  assert.deepEqual(Object.keys(at(found.manifests.get('configmap.yaml'), 'data') ?? {}), ['outside.txt']);
  for (const end of ['template.data', 'template[1].data', 'template[2].source', 'template[3].data']) {
    const manual = accountsOf(found, end).filter((each) => each.class === 'manual');
    assert.ok(
      manual.some(({ todo }) => todo !== undefined),
      end,
    );
  }
  assert.equal(accountsOf(found, 'template[4].destination')[0]?.class, 'manual');
});

test('a change restarts the pod where Nomad would restart the task', () => {
  const annotation = (of: ReturnType<typeof fixture>) =>
    at(
      of.manifests.get('deployment.yaml'),
      'spec',
      'template',
      'metadata',
      'annotations',
      'reloader.stakater.com/auto',
    );
  assert.equal(annotation(fixture('template-env')), 'true');
  assert.equal(annotation(fixture('template-env', { policy: { reloader: false } })), undefined);
});

test('a source is read where it stands beside the job', () => {
  const job = `job "s" {
    group "g" {
      task "t" {
        driver = "docker"
        config {
          image = "example.org/t:1"
        }
        template {
          source      = "app.tpl"
          destination = "local/app.conf"
        }
      }
    }
  }`;
  const file = (path: string): string | undefined => (path === 'app.tpl' ? 'a={{ "b" | toUpper }}\n' : undefined);
  const found = translated(job, { surroundings: { file } });
  assert.equal(at(found.manifests.get('configmap.yaml'), 'data', 'app.conf'), 'a=B\n');
  assert.equal(translated(job).manifests.get('configmap.yaml'), undefined);
});

test('a template overrides a variable of the task, once', () => {
  const found = translated(`job "o" {
    group "g" {
      task "t" {
        driver = "docker"
        config {
          image = "example.org/t:1"
        }
        env {
          MODE = "from-env"
        }
        template {
          destination = "local/t.env"
          env         = true
          data        = "MODE=from-template $(X)\\n"
        }
      }
    }
  }`);
  const list = at(container(found, 't'), 'env');
  assert.deepEqual(list, [{ name: 'MODE', value: 'from-template $$(X)' }]);
});
