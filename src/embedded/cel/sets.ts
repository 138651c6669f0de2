/** Lists as sets (`sets.contains` and its neighbours of cel-go). */
import type { Environment } from '@marcbachmann/cel-js';
import { equal } from './equal.ts';

class Sets {}

type Items = readonly unknown[];

export function sets(environment: Environment): Environment {
  return environment
    .registerType('cel.sets', { ctor: Sets, fields: {} })
    .registerConstant('sets', 'cel.sets', new Sets())
    .registerFunction('cel.sets.contains(list, list): bool', (_: Sets, all: Items, some: Items) => contains(all, some))
    .registerFunction('cel.sets.equivalent(list, list): bool', (_: Sets, left: Items, right: Items) => {
      return contains(left, right) && contains(right, left);
    })
    .registerFunction('cel.sets.intersects(list, list): bool', (_: Sets, left: Items, right: Items) => {
      return left.some((item) => contains(right, [item]));
    });
}

function contains(all: Items, some: Items): boolean {
  return some.every((item) => all.some((other) => equal(item, other)));
}
