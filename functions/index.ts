/** Every function by its name. The local cloud runs this list, and infra/ deploys it. */
import { create as admit } from './admit.ts';
import { create as checkReady } from './check-ready.ts';
import type { Environment } from './environment.ts';
import { create as finish } from './finish.ts';
import { create as judge } from './judge.ts';
import { type Create, type Handler, lazily } from './lambda.ts';
import { create as onAlarm } from './on-alarm.ts';
import { create as onImage } from './on-image.ts';
import { create as onInterruption } from './on-interruption.ts';
import { create as onStopped } from './on-stopped.ts';
import { create as park } from './park.ts';
import { create as probe } from './probe.ts';
import { create as provision } from './provision.ts';
import { create as reconcile } from './reconcile.ts';
import { create as remove } from './remove.ts';
import { create as rollBack } from './roll-back.ts';
import { create as shift } from './shift.ts';
import { create as smoke } from './smoke.ts';

export const functions: Record<string, Create> = {
  admit,
  provision,
  'check-ready': checkReady,
  smoke,
  park,
  shift,
  judge,
  remove,
  'roll-back': rollBack,
  finish,
  'on-image': onImage,
  'on-alarm': onAlarm,
  'on-interruption': onInterruption,
  'on-stopped': onStopped,
  reconcile,
  probe,
};

/** All handlers, each over the environment that its name is given. */
export const createFunctions = (environmentOf: (name: string) => Environment): Record<string, Handler> =>
  Object.fromEntries(
    Object.entries(functions).map(([name, create]) => [name, lazily(() => create(environmentOf(name)))]),
  );
