import { openai } from './openai.ts';
import type { System } from '../system.ts';
import type { SystemName } from '../types.ts';

const systems: Partial<Readonly<Record<SystemName, System>>> = { openai };

export function systemOf(name: SystemName): System {
  const system = systems[name];
  if (system === undefined) throw new Error(`No fake of ${name} yet.`);
  return system;
}
