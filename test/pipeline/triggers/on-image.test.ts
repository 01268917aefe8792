/** on-image: what an event leads to for each service it concerns, and that nothing is lost. */
import { describe, expect, it } from 'vitest';
import { Rejected, Unread } from '../../../core/basics/errors.ts';
import { onImage } from '../../../pipeline/triggers/on-image.ts';
import { image, row, service, start } from '../../core/build.ts';
import { createWorld } from '../build.ts';

const pushed = {
  'detail-type': 'ECR Image Action',
  source: 'aws.ecr',
  detail: {
    'action-type': 'PUSH',
    result: 'SUCCESS',
    'repository-name': 'acme/checkout',
    'image-tag': 'release-c',
    'image-digest': `sha256:${'c'.repeat(64)}`,
  },
};

const opened = async (found: ReturnType<typeof image> | null = image('c'), order = start) => {
  const { world, ports, row: read } = await createWorld(row(), service());
  const asked: string[] = [];
  ports.images.announced = async (_, what) => {
    asked.push(what);
    return found === null ? null : { image: found, order };
  };
  return { world, ports, asked, row: read, events: () => ports.ledger.history('checkout') };
};

describe('an image event', () => {
  it('of a new image starts its rollout', async () => {
    const { world, ports, events, row: read } = await opened(image('c'), start + 1);
    const result = await onImage(ports)(pushed);
    expect(result).toMatchObject([{ service: 'checkout', result: { state: 'started' } }]);
    expect(world.started).toEqual(['checkout-cccccccccccc-1']);
    expect((await read()).lock).toMatchObject({ state: 'reserved', publication: { release: 'cccccccccccc' } });
    expect((await events()).map(({ kind }) => kind)).toEqual(['published']);
  });

  it('of an image older than the live one is refused on record, and starts nothing', async () => {
    const { world, ports, events } = await opened(image('c'), start - 1);
    expect(await onImage(ports)(pushed)).toMatchObject([{ result: { state: 'refused' } }]);
    expect(world.started).toEqual([]);
    expect(await events()).toMatchObject([
      { kind: 'refused', by: 'on-image', release: 'cccccccccccc', attempt: 0, data: { outcome: 'refused' } },
    ]);
  });

  it('of the live image is refused without an event', async () => {
    const { ports, events } = await opened(image('a'));
    expect(await onImage(ports)(pushed)).toMatchObject([{ result: { state: 'refused' } }]);
    expect(await events()).toEqual([]);
  });

  it('of a repository without a service concerns nobody', async () => {
    const { ports, asked } = await opened();
    const other = { ...pushed, detail: { ...pushed.detail, 'repository-name': 'acme/other' } };
    expect(await onImage(ports)(other)).toMatchObject([{ service: null, result: { state: 'refused' } }]);
    expect(asked).toEqual([]);
  });

  it('whose image has vanished is refused with that reason', async () => {
    const { ports, events } = await opened(null);
    expect(await onImage(ports)(pushed)).toMatchObject([
      {
        service: 'checkout',
        result: { state: 'refused', reason: expect.stringMatching(/^vanished: sha256:c{64} does not exist/) },
      },
    ]);
    expect(await events()).toMatchObject([{ kind: 'refused', text: expect.stringMatching(/^vanished: sha256:c{64}/) }]);
  });

  it('whose source names what is not read is refused on record once, with the value', async () => {
    const { ports, events } = await opened();
    ports.images.announced = () => Promise.reject(new Unread('it holds "latest"'));
    for (const _ of [1, 2])
      expect(await onImage(ports)(pushed)).toMatchObject([
        { result: { state: 'refused', reason: 'it holds "latest"' } },
      ]);
    expect(await events()).toMatchObject([{ kind: 'refused', release: '', text: 'it holds "latest"' }]);
  });
});

describe('a failure', () => {
  it('to ask the registry is thrown as one that is tried again', async () => {
    const { ports } = await opened();
    ports.images.announced = () => Promise.reject(new Rejected('AccessDenied'));
    await expect(onImage(ports)(pushed)).rejects.toMatchObject({
      name: 'Transient',
      message: 'checkout: AccessDenied',
    });
  });

  it('to read a configuration is thrown after the other services have had the image', async () => {
    const { world, ports } = await opened(image('c'), start + 1);
    const { configuration } = ports.ledger;
    ports.ledger.services = async () => ['broken', 'checkout'];
    ports.ledger.configuration = (name) =>
      name === 'broken' ? Promise.reject(new Rejected('damaged')) : configuration(name);
    await expect(onImage(ports)(pushed)).rejects.toMatchObject({ name: 'Transient', message: 'damaged' });
    expect(world.started).toEqual(['checkout-cccccccccccc-1']);
  });
});
