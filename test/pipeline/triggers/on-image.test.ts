/** on-image: what an event leads to for each service it concerns, and that nothing is lost. */
import { describe, expect, it } from 'vitest';
import { Rejected, Unread } from '../../../core/basics/errors.ts';
import { ami } from '../../../core/config/define.ts';
import type { Row } from '../../../core/protocol/row.ts';
import { onImage } from '../../../pipeline/triggers/on-image.ts';
import { image, publication, row, service, start } from '../../core/build.ts';
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

const opened = async (
  found: ReturnType<typeof image> | null = image('c'),
  order = start,
  at: Row | null = row(),
  configuration = service(),
) => {
  const { world, ports, row: read } = await createWorld(at, configuration);
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
    expect((await read()).lock).toMatchObject({
      state: 'reserved',
      publication: { release: 'cccccccccccc', by: 'an event' },
    });
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

  it('of another image that makes the live one’s release is refused on record', async () => {
    const like = { ...image('a'), reference: `acme/checkout@sha256:${'a'.repeat(12)}${'d'.repeat(52)}` };
    const { ports, events } = await opened(like, start - 1);
    expect(await onImage(ports)(pushed)).toMatchObject([{ result: { state: 'refused' } }]);
    expect(await events()).toMatchObject([{ kind: 'refused', release: 'aaaaaaaaaaaa' }]);
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
    expect(await events()).toMatchObject([
      { kind: 'refused', by: 'on-image', text: expect.stringMatching(/^vanished: sha256:c{64}/) },
    ]);
  });

  it('whose source names what is not read is refused on record once, with the value', async () => {
    const { ports, events } = await opened();
    ports.images.announced = () => Promise.reject(new Unread('it holds "latest"'));
    for (const _ of [1, 2])
      expect(await onImage(ports)(pushed)).toMatchObject([
        { result: { state: 'refused', reason: 'it holds "latest"' } },
      ]);
    expect(await events()).toMatchObject([{ kind: 'refused', by: 'on-image', release: '', text: 'it holds "latest"' }]);
  });
});

describe('an image that is refused is on record also', () => {
  it.each([
    ['where nothing is live', row({ live: null, next: publication('d') }), image('c'), 'older: release-c'],
    ['where the service has no row', null, { reference: 'acme/checkout:v1', label: 'v1' }, 'not an image: acme/'],
  ])('%s', async (_, at, found, reason) => {
    const { ports, events } = await opened(found, start - 1, at);
    expect(await onImage(ports)(pushed)).toMatchObject([{ service: 'checkout', result: { state: 'refused' } }]);
    expect(await events()).toMatchObject([
      { kind: 'refused', text: expect.stringContaining(reason), data: { label: found.label, outcome: 'refused' } },
    ]);
  });
});

describe('an AMI event, which tells neither name nor owner,', () => {
  const available = {
    'detail-type': 'EC2 AMI State Change',
    source: 'aws.ec2',
    detail: { ImageId: 'ami-0abcdef1234567890', State: 'available' },
  };
  const amis = service({ image: ami({ name: 'checkout-*' }) });

  it('of the service’s own AMI starts its rollout', async () => {
    const id = 'ami-0abcdef1234567890';
    const own = { reference: id, ami: id, label: 'checkout-7' };
    const { world, ports, asked } = await opened(own, start + 1, row(), amis);
    expect(await onImage(ports)(available)).toMatchObject([{ service: 'checkout', result: { state: 'started' } }]);
    expect([asked, world.started]).toEqual([[id], ['checkout-0abcdef1234567890-1']]);
  });

  it('of another’s AMI is no loss of the service: nothing is refused or recorded', async () => {
    const { ports, asked, events } = await opened(null, start, row(), amis);
    expect(await onImage(ports)(available)).toEqual([]);
    expect([asked, await events()]).toEqual([['ami-0abcdef1234567890'], []]);
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
    ports.ledger.services = async () => ['broken', 'checkout', 'late'];
    ports.ledger.configuration = (name) =>
      name === 'checkout' ? configuration(name) : Promise.reject(new Rejected(`${name} is damaged`));
    const message = 'broken is damaged; late is damaged';
    await expect(onImage(ports)(pushed)).rejects.toMatchObject({ name: 'Transient', message });
    expect(world.started).toEqual(['checkout-cccccccccccc-1']);
    // Whose it is may be known to those alone.
    const other = { ...pushed, detail: { ...pushed.detail, 'repository-name': 'acme/other' } };
    await expect(onImage(ports)(other)).rejects.toMatchObject({ name: 'Transient', message });
  });
});
