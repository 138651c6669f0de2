import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { systemClock } from '../../telemetry/clock.ts';
import { type Course, type Held, holdCourse, type StepEnd } from './course.ts';

const done: StepEnd = { kind: 'done' };

interface Part {
  readonly end?: StepEnd | Error;
  readonly asks?: string;
  readonly changes?: true;
}

interface Told {
  readonly held: Held;
  /** Names of steps that ran, in order. */
  readonly ran: readonly string[];
}

async function hold(
  steps: readonly Part[],
  back: readonly Part[] = [{}],
  { agrees = true, signal = new AbortController().signal } = {},
): Promise<Told> {
  const ran: string[] = [];
  const made = (kind: string, { end = done, ...rest }: Part, index: number): Course['steps'][number] => ({
    ...rest,
    name: `${kind}${index}`,
    run: async () => {
      ran.push(`${kind}${index}`);
      if (end instanceof Error) throw end;
      return end;
    },
  });
  const course: Course = {
    kind: 'failover',
    nodeIds: ['a'],
    steps: steps.map((part, index) => made('step', part, index)),
    back: back.map((part, index) => made('back', part, index)),
  };
  const nothing = (): void => undefined;
  const agree = async (): Promise<boolean> => agrees;
  const held = await holdCourse(course, { clock: systemClock, agree, onStep: nothing, onStepEnd: nothing, signal });
  return { held, ran };
}

test('what was changed is taken back, in the order of the way back', async () => {
  const { held, ran } = await hold([{}, { asks: 'kill it?' }, {}], [{}, {}]);
  assert.deepEqual(ran, ['step0', 'step1', 'step2', 'back0', 'back1']);
  assert.deepEqual([held.result, held.left, held.steps.length], ['success', [], 5]);
});

test('where nothing was changed nothing is taken back', async () => {
  assert.deepEqual((await hold([{ end: { kind: 'failed', why: 'x' } }, { asks: 'y' }])).ran, ['step0']);
  const said = await hold([{ asks: 'kill it?' }], [{}], { agrees: false });
  assert.deepEqual([said.ran, said.held.result, said.held.why], [[], 'aborted', 'nobody agreed to: kill it?']);
});

test('somebody who says no after a small change has that taken back', async () => {
  const { ran, held } = await hold([{ changes: true }, { asks: 'kill it?' }], [{}], { agrees: false });
  assert.deepEqual([ran, held.result], [['step0', 'back0'], 'aborted']);
});

test('a step that throws is one that failed, and so is one that changed something before it did', async () => {
  const { ran, held } = await hold([{ asks: 'kill it?', end: new Error('ssh: broken pipe') }, {}]);
  assert.deepEqual([ran, held.result, held.why], [['step0', 'back0'], 'failed', 'ssh: broken pipe']);
});

test('each step of the way back is tried, and what it could not do is told', async () => {
  const { ran, held } = await hold([{ asks: 'y' }], [{ end: new Error('no route') }, {}]);
  assert.deepEqual([ran, held.result, held.left], [['step0', 'back0', 'back1'], 'failed', ['back0: no route']]);
});

test('stopped in the middle it goes no further, and back', async () => {
  const controller = new AbortController();
  controller.abort();
  assert.deepEqual((await hold([{}], [{}], { signal: controller.signal })).ran, []);
});

const part = fc.record({
  end: fc.constantFrom<StepEnd | Error>(
    done,
    { kind: 'failed', why: 'f' },
    { kind: 'aborted', why: 'a' },
    new Error('e'),
  ),
  ask: fc.boolean(),
});

test('whatever happens: after a change every step back runs, and a success has no failed step', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(part, { maxLength: 5 }),
      fc.array(part, { minLength: 1, maxLength: 3 }),
      fc.boolean(),
      async (steps, back, agrees) => {
        const { held, ran } = await hold(
          steps.map(({ end, ask }) => ({ end, ...(ask ? { asks: 'ok?' } : {}) })),
          back.map(({ end }) => ({ end })),
          { agrees },
        );
        const changed = agrees && ran.some((name) => name.startsWith('step') && steps[Number(name.slice(4))]?.ask);
        assert.equal(ran.filter((name) => name.startsWith('back')).length, changed ? back.length : 0);
        if (held.result === 'success') assert.ok(held.steps.every(({ result }) => result === 'success'));
        else assert.ok(held.why !== undefined && held.why !== '');
      },
    ),
  );
});
