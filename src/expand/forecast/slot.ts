import type { DecideInput } from '../facts.ts';
import { countWithin, freeAt, type History } from '../history.ts';
import { opensAt } from '../settings/window.ts';

const DAY_MS = 86_400_000;

type SlotInput = Pick<DecideInput, 'resolution' | 'constraints' | 'rules' | 'now'>;

/**
 * When a claim that grows now may grow again: after the cooldown, when the provider's and the day's counts allow it, and
 * when its change window is open.
 */
export function slotAfter(history: History, { resolution, constraints, rules, now }: SlotInput): number {
  const { modifications } = constraints.volume;
  const cooldownMs = Math.max(resolution.settings.cooldown.value, modifications?.minIntervalMs ?? 0);
  const perDay = slotIn(history, rules.expansionsPerDay.value, DAY_MS, now);
  const perWindow = modifications ? slotIn(history, modifications.perWindow, modifications.windowMs, now) : now;
  const slotAt = Math.max(now + cooldownMs, perDay, perWindow);
  const { window } = resolution.settings;
  return window ? (opensAt(window.value, slotAt) ?? slotAt) : slotAt;
}

/** The growth of this moment counts, though it is not in the history yet. */
function slotIn(history: History, limit: number, windowMs: number, now: number): number {
  const count = countWithin(history, windowMs, now) + 1;
  if (count < limit) return now;
  return limit <= 1 ? now + windowMs : (freeAt(history, limit - 1, windowMs, now) ?? now);
}
