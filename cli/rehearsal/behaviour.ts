/** How an image behaves, as somebody writes it who wants to see what a policy makes of it: `errors=2%, boot=90s`. */

import { parseDuration } from '../../core/basics/duration.ts';
import { Rejected } from '../../core/basics/errors.ts';
import type { Service } from '../../core/config/service.ts';
import { nearest } from '../../core/config/suggest.ts';
import type { Traffic } from '../../core/plan/plan.ts';
import type { Behaviour } from '../../local/simulated-machines.ts';

const rate = (value: string): number | null => {
  const [, percent] = /^(\d+(?:\.\d+)?)\s*%$/.exec(value) ?? [];
  const share = percent === undefined ? Number(value) : Number(percent) / 100;
  return value !== '' && share >= 0 && share <= 1 ? share : null;
};
const milliseconds = (value: string): number | null => {
  const seconds = parseDuration(value);
  return seconds === null ? null : seconds * 1000;
};

/** What half of a described program's answers take less than, in milliseconds. */
const usual = 100;

/** Each property: what it takes, and what an image is by it. */
const properties: Record<string, { like: string; read: (value: string) => Behaviour | null }> = {
  errors: {
    like: 'errors=2%, the share of requests that it answers with a 5xx',
    read: (value) => {
      const errorRate = rate(value);
      return errorRate === null ? null : { errorRate };
    },
  },
  hangs: {
    like: 'hangs=1%, the share of requests that it never answers: the load balancer does, with a 504',
    read: (value) => {
      const hangRate = rate(value);
      return hangRate === null ? null : { hangRate };
    },
  },
  latency: {
    like: 'latency=+30%, the change of its answer times',
    read: (value) => {
      const [, sign, percent] = /^([+-]?)(\d+(?:\.\d+)?)\s*%$/.exec(value) ?? [];
      const factor = 1 + (Number(percent) / 100) * (sign === '-' ? -1 : 1);
      return percent === undefined || factor <= 0 ? null : { latency: usual * factor };
    },
  },
  boot: {
    like: 'boot=90s, time from launch until it answers',
    read: (value) => {
      const boot = milliseconds(value);
      return boot === null ? null : { boot };
    },
  },
  dies: {
    like: 'dies=20m, time from its boot until it stops answering',
    read: (value) => {
      const diesAfter = milliseconds(value);
      return diesAfter === null ? null : { diesAfter };
    },
  },
  healthy: {
    like: 'healthy=no, it never passes a health check',
    read: (value) => (value === 'no' ? { neverHealthy: true } : value === 'yes' ? {} : null),
  },
};

export const behaviourHelp = Object.values(properties)
  .map(({ like }) => `  ${like.replace(', ', ' '.repeat(Math.max(1, 16 - like.indexOf(','))))}`)
  .join('\n');

/** Throws Rejected for what is no behaviour. */
export const parseBehaviour = (written: string, option: string): Behaviour => {
  const behaviour: Behaviour = {};
  for (const part of written.split(',').filter((one) => one.trim() !== '')) {
    const [name = '', value = ''] = part.split('=').map((one) => one.trim());
    const property = properties[name];
    if (property === undefined) {
      const near = nearest(name, Object.keys(properties));
      throw new Rejected(
        `${option}: there is no property "${name}"${near === null ? '' : `; did you mean ${near}?`} It takes ${Object.keys(properties).join(', ')}`,
      );
    }
    const read = property.read(value);
    if (read === null) throw new Rejected(`${option}: expected ${property.like}; found ${part.trim()}`);
    Object.assign(behaviour, read);
  }
  return behaviour;
};

/** `0.1%` → 0.001. Throws Rejected for what is no share. */
export const parseShare = (written: string, option: string): number => {
  const share = rate(written.trim());
  if (share === null) throw new Rejected(`${option}: expected a share like 0.1%, found ${written}`);
  return share;
};

/** `800rpm`, `13rps` → requests a minute. Throws Rejected for anything else. */
export const parseTraffic = (written: string): number => {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)\s*(rpm|rps)$/.exec(written.trim()) ?? [];
  const perMinute = Number(amount) * (unit === 'rps' ? 60 : 1);
  if (!(perMinute > 0)) throw new Rejected(`--traffic: expected requests like 800rpm or 13rps, found ${written}`);
  return perMinute;
};

/** `traffic`: like 800rpm; `errors`: like 0.1%. Throws Rejected for what is neither. */
export const trafficOf = ({ timing }: Service, traffic: string, errors: string): Traffic => ({
  requests: (parseTraffic(traffic) * timing.period) / 60,
  errors: parseShare(errors, '--errors'),
});
