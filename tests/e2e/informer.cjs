// A program with JavaScript's @kubernetes/client-node (0.2x): lists, patches, an informer, exec, logs. Prints "done".
const k8s = require('@kubernetes/client-node');
const assert = require('node:assert');
const { PassThrough } = require('node:stream');

const config = new k8s.KubeConfig();
config.loadFromFile(process.argv[2]);
const core = config.makeApiClient(k8s.CoreV1Api);
const merge = { headers: { 'Content-Type': 'application/merge-patch+json' } };
const seen = [];

function until(what, holds) {
  const end = Date.now() + 20000;
  return new Promise((resolve, reject) => {
    (function look() {
      if (holds()) resolve();
      else if (Date.now() > end) reject(new Error(`never: ${what} (seen: ${seen})`));
      else setTimeout(look, 20);
    })();
  });
}

async function informed() {
  const list = () => core.listNamespacedConfigMap('default');
  const informer = k8s.makeInformer(config, '/api/v1/namespaces/default/configmaps', list);
  for (const event of ['add', 'update', 'delete']) informer.on(event, (obj) => seen.push(`${event} ${obj.metadata.name}`));
  await informer.start();
  await core.createNamespacedConfigMap('default', { metadata: { name: 'a' }, data: { x: '1' } });
  await until('an addition', () => seen.includes('add a'));
  const patch = [undefined, undefined, undefined, undefined, undefined, merge];
  const patched = await core.patchNamespacedConfigMap('a', 'default', { data: { y: '2' } }, ...patch);
  assert.deepStrictEqual(patched.body.data, { x: '1', y: '2' });
  await until('an update', () => seen.includes('update a'));
  await core.deleteNamespacedConfigMap('a', 'default');
  await until('a deletion', () => seen.includes('delete a'));
  await informer.stop();
}

async function executed() {
  const spec = { containers: [{ name: 'c', image: 'busybox', command: ['sh', '-c', 'echo hello; sleep 1000'] }] };
  await core.createNamespacedPod('default', { metadata: { name: 'p' }, spec });
  const watch = new k8s.Watch(config);
  await new Promise((resolve, reject) => {
    const request = watch.watch('/api/v1/namespaces/default/pods', { timeoutSeconds: 30 }, (type, pod) => {
      if (pod.status.phase === 'Running') request.then((open) => open.abort()).then(resolve);
    }, (error) => error && error.name !== 'AbortError' && reject(error));
  });
  const out = new PassThrough();
  let text = '';
  out.on('data', (data) => { text += data; });
  const status = await new Promise((resolve, reject) => {
    const command = ['sh', '-c', 'echo out; exit 3'];
    new k8s.Exec(config).exec('default', 'p', 'c', command, out, null, null, false, resolve).catch(reject);
  });
  assert.strictEqual(text, 'out\n');
  assert.strictEqual(status.details.causes[0].message, '3');
  assert.strictEqual((await core.readNamespacedPodLog('p', 'default')).body, 'hello\n');
}

async function refused() {
  await assert.rejects(core.readNamespacedPod('nope', 'default'), (error) => error.statusCode === 404
    && error.body.message === 'pods "nope" not found');
}

informed().then(executed).then(refused).then(() => { console.log('done'); process.exit(0); });
