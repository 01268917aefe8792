import { DescribeImagesCommand, type DescribeImagesCommandInput } from '@aws-sdk/client-ecr';
import { GetImageCommand, ListImageBuildVersionsCommand, ListImagesCommand } from '@aws-sdk/client-imagebuilder';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { describe, expect, it } from 'vitest';
import { cloudForTests, type TestCloud } from './fixture.ts';

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;

describe('ECR', () => {
  const images = async (cloud: TestCloud, input: Partial<DescribeImagesCommandInput> = {}) => {
    const { imageDetails = [], nextToken } = await cloud.done(
      cloud.clients.ecr.send(new DescribeImagesCommand({ repositoryName: 'acme/shop', ...input })),
    );
    return { tags: imageDetails.map(({ imageTags }) => imageTags), nextToken };
  };

  it('moves a tag to the image that was pushed with it last', async () => {
    const cloud = cloudForTests();
    cloud.push('acme/shop', { digest: digest('a'), tags: ['v1', 'latest'] });
    cloud.push('acme/shop', { digest: digest('b'), tags: ['v2', 'latest'] });
    cloud.push('acme/shop', { digest: digest('c') });
    expect((await images(cloud)).tags).toEqual([['v1'], ['v2', 'latest'], undefined]);
    expect((await images(cloud, { filter: { tagStatus: 'TAGGED' } })).tags).toHaveLength(2);
    expect((await images(cloud, { imageIds: [{ imageTag: 'latest' }] })).tags).toEqual([['v2', 'latest']]);
    expect((await images(cloud, { imageIds: [{ imageDigest: digest('a') }] })).tags).toEqual([['v1']]);
  });

  it('says of what is not a container image what it is', async () => {
    const cloud = cloudForTests();
    const artifact = 'application/vnd.cncf.helm.config.v1+json';
    const reference = cloud.push('acme/shop', { digest: digest('a'), tags: ['chart'], artifact });
    expect(reference).toBe(`111122223333.dkr.ecr.eu-west-1.amazonaws.com/acme/shop@${digest('a')}`);
    const command = new DescribeImagesCommand({ registryId: '111122223333', repositoryName: 'acme/shop' });
    const { imageDetails } = await cloud.done(cloud.clients.ecr.send(command));
    expect(imageDetails?.[0]?.artifactMediaType).toBe(artifact);
  });

  it('comes in pages, and names what is not there', async () => {
    const cloud = cloudForTests();
    for (const letter of ['a', 'b', 'c']) cloud.push('acme/shop', { digest: digest(letter), tags: [letter] });
    const first = await images(cloud, { maxResults: 2 });
    const second = await images(cloud, { maxResults: 2, nextToken: first.nextToken });
    expect([...first.tags, ...second.tags]).toEqual([['a'], ['b'], ['c']]);
    expect(second.nextToken).toBeUndefined();
    await expect(images(cloud, { repositoryName: 'x' })).rejects.toMatchObject({ name: 'RepositoryNotFoundException' });
    const missing = images(cloud, { imageIds: [{ imageTag: 'v9' }] });
    await expect(missing).rejects.toMatchObject({ name: 'ImageNotFoundException' });
  });
});

describe('SSM', () => {
  it('reads a parameter by name and by ARN, its version counting the changes', async () => {
    const cloud = cloudForTests();
    cloud.putParameter('/shop/ami', 'ami-1');
    cloud.putParameter('/shop/ami', 'ami-2');
    for (const Name of ['/shop/ami', 'arn:aws:ssm:eu-west-1:111122223333:parameter/shop/ami']) {
      const { Parameter } = await cloud.done(cloud.clients.ssm.send(new GetParameterCommand({ Name })));
      expect(Parameter).toMatchObject({ Name: '/shop/ami', Value: 'ami-2', Version: 2 });
    }
    const missing = cloud.done(cloud.clients.ssm.send(new GetParameterCommand({ Name: 'x' })));
    await expect(missing).rejects.toMatchObject({ name: 'ParameterNotFound' });
  });
});

describe('Image Builder', () => {
  const arn = 'arn:aws:imagebuilder:eu-west-1:111122223333:image/shop';

  it('lists versions, their builds, and has an AMI only for one that is available', async () => {
    const cloud = cloudForTests();
    const { imagebuilder } = cloud.clients;
    cloud.build({ arn: `${arn}/1.0.0/1`, ami: 'ami-1' });
    cloud.build({ arn: `${arn}/1.0.0/2`, ami: 'ami-2', status: 'BUILDING' });
    cloud.build({ arn: `${arn}/1.1.0/1`, ami: 'ami-3' });
    const filters = [{ name: 'name', values: ['shop'] }];
    const versions = await cloud.done(imagebuilder.send(new ListImagesCommand({ owner: 'Self', filters })));
    expect(versions.imageVersionList?.map(({ arn: version }) => version)).toEqual([`${arn}/1.0.0`, `${arn}/1.1.0`]);
    const builds = await cloud.done(
      imagebuilder.send(new ListImageBuildVersionsCommand({ imageVersionArn: `${arn}/1.0.0` })),
    );
    expect(builds.imageSummaryList?.map(({ state }) => state?.status)).toEqual(['AVAILABLE', 'BUILDING']);
    const get = async (build: string) =>
      (await cloud.done(imagebuilder.send(new GetImageCommand({ imageBuildVersionArn: build })))).image
        ?.outputResources;
    expect((await get(`${arn}/1.0.0/1`))?.amis?.[0]?.image).toBe('ami-1');
    expect((await get(`${arn}/1.0.0/2`))?.amis).toBeUndefined();
    await expect(get(`${arn}/2.0.0/1`)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});
