/** Each source of images: what is newest, what is found by name, and what is no image at all. */
import type { Image as Ami, DescribeImagesCommandInput as AmiInput } from '@aws-sdk/client-ec2';
import type { DescribeImagesCommandInput, ImageDetail } from '@aws-sdk/client-ecr';
import { describe, expect, test } from 'vitest';
import { imagesOf } from '../../../adapters/aws/images/images.ts';
import { Unread } from '../../../core/basics/errors.ts';
import type { ImageSource } from '../../../core/config/service.ts';
import { fails, fakeClient, paged, shop } from './fake.ts';

const none = { ecr: fakeClient({}), ec2: fakeClient({}), ssm: fakeClient({}), imagebuilder: fakeClient({}) };
const registry = '111122223333.dkr.ecr.eu-west-1.amazonaws.com';
const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const from = (image: ImageSource) => shop({ image });

const repository = (details: ImageDetail[]) =>
  fakeClient({
    DescribeImages: ({ imageIds, nextToken }: DescribeImagesCommandInput) => {
      if (imageIds === undefined) {
        const { items, next } = paged(details, 2, nextToken);
        return { imageDetails: items, nextToken: next };
      }
      const [{ imageDigest, imageTag } = {}] = imageIds;
      const found = details.find((one) => one.imageDigest === imageDigest || one.imageTags?.includes(imageTag ?? ''));
      return found === undefined ? fails('ImageNotFoundException')() : { imageDetails: [found] };
    },
  });

const pushed = (letter: string, at: number, imageTags: string[], more: Partial<ImageDetail> = {}): ImageDetail => ({
  registryId: '111122223333',
  repositoryName: 'acme/shop',
  imageDigest: digest(letter),
  imageTags,
  imagePushedAt: new Date(at),
  ...more,
});

describe('a repository', () => {
  const source = from({ kind: 'ecr', repository: 'acme/shop', tags: ['v*', 'release-*'] });

  test('has as its newest image the one pushed last under a tag that the patterns take', async () => {
    const ecr = repository([
      pushed('a', 10, ['v1']),
      pushed('b', 30, ['latest', 'v3']),
      pushed('c', 20, ['v2']),
      pushed('d', 40, ['dev-7']),
      pushed('e', 50, ['v4'], { artifactMediaType: 'application/vnd.cncf.helm.config.v1+json' }),
      pushed('f', 60, ['v5'], { imageStatus: 'ARCHIVED' }),
      pushed('0', 70, ['v6'], { subjectManifestDigest: digest('a') }),
    ]);
    expect(await imagesOf({ ...none, ecr }).newest(source)).toEqual({
      image: { reference: `${registry}/acme/shop@${digest('b')}`, label: 'v3' },
      order: 30,
    });
    expect(await imagesOf({ ...none, ecr: repository([]) }).newest(source)).toBeNull();
  });

  test('gives an image by tag, by digest and by reference, whatever its tag', async () => {
    const image = { reference: `${registry}/acme/shop@${digest('a')}`, label: 'dev-7' };
    const ecr = repository([
      pushed('a', 10, ['dev-7'], { artifactMediaType: 'application/vnd.oci.image.config.v1+json' }),
    ]);
    const images = imagesOf({ ...none, ecr });
    for (const what of ['dev-7', digest('a'), image.reference])
      expect(await images.find(source, what)).toEqual({ image, order: 10 });
    expect(await images.find(source, 'v9')).toBeNull();
    expect(await images.find(source, digest('b'))).toBeNull();
  });

  test('gives no signature for an image', async () => {
    const tag = `${digest('a').replace(':', '-')}.sig`;
    expect(await imagesOf({ ...none, ecr: repository([pushed('b', 1, [tag])]) }).find(source, tag)).toBeNull();
  });

  test('that does not exist is a mistake, not an absence of images', async () => {
    const ecr = fakeClient({ DescribeImages: fails('RepositoryNotFoundException') });
    await expect(imagesOf({ ...none, ecr }).newest(source)).rejects.toMatchObject({ name: 'Rejected' });
  });
});

const amis = (images: Ami[]) =>
  fakeClient({
    DescribeImages: ({ ImageIds, Filters = [], Owners, NextToken }: AmiInput) => {
      const pattern = Filters.find(({ Name }) => Name === 'name')?.Values?.[0] ?? '*';
      const found = images.filter(
        ({ ImageId = '', Name = '', OwnerId = '' }) =>
          (ImageIds?.includes(ImageId) ?? true) &&
          (Owners?.includes(OwnerId) ?? true) &&
          (pattern.endsWith('*') ? Name.startsWith(pattern.slice(0, -1)) : Name === pattern),
      );
      if (ImageIds !== undefined && !images.some(({ ImageId = '' }) => ImageIds.includes(ImageId)))
        return fails('InvalidAMIID.NotFound')();
      const { items, next } = paged(found, 1, NextToken);
      return { Images: items, NextToken: next };
    },
  });

const ami = (id: string, Name: string, day: number): Ami => ({
  ImageId: `ami-${id}`,
  Name,
  OwnerId: 'self',
  CreationDate: `2026-01-0${day}T00:00:00.000Z`,
});
const dayOf = (order: number | undefined) => new Date(order ?? 0).getUTCDate();

describe('machine images', () => {
  const source = from({ kind: 'ami', name: 'shop-*', owner: 'self' });
  const images = imagesOf({
    ...none,
    ec2: amis([ami('1', 'shop-1', 1), ami('3', 'shop-3', 3), ami('2', 'shop-2', 2), ami('9', 'other', 9)]),
  });

  test('are newest by creation date among those whose name fits', async () => {
    const newest = await images.newest(source);
    expect(newest?.image).toEqual({ reference: 'ami-3', ami: 'ami-3', label: 'shop-3' });
    expect(dayOf(newest?.order)).toBe(3);
  });

  test('are found by id or name, but not those of another name', async () => {
    expect((await images.find(source, 'ami-1'))?.image.label).toBe('shop-1');
    expect((await images.find(source, 'shop-2'))?.image.ami).toBe('ami-2');
    expect(await images.find(source, 'ami-9')).toBeNull();
    expect(await images.find(source, 'ami-404')).toBeNull();
  });
});

describe('Image Builder', () => {
  const arn = 'arn:aws:imagebuilder:eu-west-1:111122223333:image/shop';
  const source = from({ kind: 'imageBuilder', arn });
  const build = (version: string, day: number, status = 'AVAILABLE') => ({
    arn: `${arn}/${version}`,
    name: 'shop',
    version: version.split('/')[0],
    state: { status },
    dateCreated: `2026-01-0${day}T00:00:00.000Z`,
    outputResources: {
      amis: [
        { region: 'us-east-1', image: 'ami-far' },
        { region: 'eu-west-1', image: `ami-${day}` },
      ],
    },
  });
  const builds = [build('1.0.0/1', 1), build('1.0.0/2', 4), build('1.1.0/1', 3), build('1.1.0/2', 5, 'FAILED')];
  const imagebuilder = fakeClient({
    ListImages: ({ nextToken }: { nextToken?: string }) => {
      const versions = ['image/shop/1.0.0', 'image/shop/1.1.0', 'image/shopping/1.0.0'];
      const { items, next } = paged(versions, 1, nextToken);
      return { imageVersionList: items.map((end) => ({ arn: arn.replace('image/shop', end) })), nextToken: next };
    },
    ListImageBuildVersions: ({ imageVersionArn, nextToken }: { imageVersionArn: string; nextToken?: string }) => {
      const { items, next } = paged(
        builds.filter((one) => one.arn.startsWith(`${imageVersionArn}/`)),
        1,
        nextToken,
      );
      return { imageSummaryList: items, nextToken: next };
    },
    GetImage: ({ imageBuildVersionArn }: { imageBuildVersionArn: string }) => {
      const image = builds.find((one) => one.arn === imageBuildVersionArn);
      return image === undefined ? fails('ResourceNotFoundException')() : { image };
    },
  });
  const images = imagesOf({ ...none, imagebuilder });

  test('has as its newest image the AMI here of the build made last', async () => {
    const newest = await images.newest(source);
    expect(newest?.image).toEqual({ reference: 'ami-4', ami: 'ami-4', label: 'shop 1.0.0/2' });
    expect(dayOf(newest?.order)).toBe(4);
    const older = await images.newest(from({ kind: 'imageBuilder', arn: `${arn}/1.1.0` }));
    expect(older?.image.ami).toBe('ami-3');
  });

  test('gives a build by its ARN or its AMI; a failed, foreign or vanished one is none', async () => {
    expect((await images.find(source, `${arn}/1.0.0/1`))?.image.ami).toBe('ami-1');
    expect((await images.find(source, 'ami-3'))?.image.label).toBe('shop 1.1.0/1');
    for (const what of [`${arn}/1.1.0/2`, `${arn}/9.9.9/1`, arn.replace('shop', 'shopping/1.0.0/1'), 'ami-404'])
      expect(await images.find(source, what)).toBeNull();
  });
});

describe('a parameter', () => {
  const source = from({ kind: 'parameter', name: '/shop/image' });
  const ec2 = amis([ami('1', 'shop-1', 1)]);
  const ecr = repository([pushed('a', 10, ['v1'])]);
  const saying = (Value: string) => {
    const ssm = fakeClient({ GetParameter: () => ({ Parameter: { Value, LastModifiedDate: new Date(99) } }) });
    return imagesOf({ ...none, ec2, ecr, ssm });
  };
  const reference = `${registry}/acme/shop@${digest('a')}`;

  test('names an AMI or an ECR image with its digest, as of its last change', async () => {
    expect(await saying(' ami-1\n').newest(source)).toMatchObject({
      image: { ami: 'ami-1', label: 'shop-1' },
      order: 99,
    });
    expect(await saying(reference).newest(source)).toEqual({ image: { reference, label: 'v1' }, order: 99 });
    expect(await saying(reference).find(source, '/shop/image')).toMatchObject({ order: 99 });
    expect(ecr.sent[0]?.input).toMatchObject({ repositoryName: 'acme/shop', registryId: '111122223333' });
  });

  test('gives an image that it named before, as long as that exists', async () => {
    const images = saying('ami-2');
    expect(await images.find(source, 'ami-1')).toMatchObject({ image: { ami: 'ami-1' } });
    expect(await images.find(source, reference)).toMatchObject({ image: { label: 'v1' } });
    expect(await images.find(source, 'ami-404')).toBeNull();
  });

  test('keeps the host that is written, and drops the tag beside the digest', async () => {
    const endpoints = [
      registry,
      '111122223333.dkr-ecr.eu-west-1.on.aws',
      '111122223333.dkr.ecr-fips.eu-west-1.amazonaws.com',
    ];
    for (const host of endpoints) {
      const newest = await saying(`${host}/acme/shop:v1@${digest('a')}`).newest(source);
      expect(newest?.image.reference).toBe(`${host}/acme/shop@${digest('a')}`);
    }
    expect((await saying(`acme/shop@${digest('a')}`).newest(source))?.image.reference).toBe(reference);
  });

  test('that says anything else, or what is not there, is refused with its value', async () => {
    const refused: [value: string, why: RegExp][] = [
      ['', /holds "": it is empty: write the id of an AMI, or 111122223333\.dkr\.ecr\./],
      ['docker.io/acme/shop', /it is neither the id of an AMI nor an image in ECR/],
      ['v1', /holds "v1": it has no digest, and a tag may be moved/],
      [`${registry}/acme/shop:v1`, /it has no digest, and a tag may be moved/],
      [reference.replace('eu-west-1', 'us-east-1'), /its registry is in us-east-1, and images are read in eu-west-1/],
      [reference.replace('1111', '9999'), /its registry belongs to the account 999922223333/],
      ['ami-404', /holds "ami-404": there is no such image/],
    ];
    for (const [value, why] of refused) {
      const told = saying(value).newest(source);
      await expect(told).rejects.toThrow(why);
      await expect(told).rejects.toBeInstanceOf(Unread);
    }
  });

  test('that is not there has no image', async () => {
    const ssm = fakeClient({ GetParameter: fails('ParameterNotFound') });
    expect(await imagesOf({ ...none, ssm }).newest(source)).toBeNull();
  });
});
