/** Every kind of image source. A new one is one more module in this folder; test/core/config/sources.test.ts names the other places to change. */
import * as z from 'zod';
import { kinds, type Reader } from '../reader.ts';
import { oneOf } from '../words.ts';
import { amiSource } from './ami.ts';
import { ecrSource } from './ecr.ts';
import { imageBuilderSource } from './image-builder.ts';
import { parameterSource } from './parameter.ts';
import type { SourceModule } from './source.ts';

const modules = [ecrSource, amiSource, imageBuilderSource, parameterSource] as const;

type Module = (typeof modules)[number];
export type ImageSource = Parameters<Module['text']>[0];
export type WrittenImage = Parameters<Module['written']>[0];
/** What an event announces, with the kind of source that may take it. */
export type Announcement = Parameters<Module['announcedText']>[0];

export type AnySource = SourceModule<ImageSource, WrittenImage, Announcement>;

export const imageSources = modules as unknown as readonly AnySource[];

const byKind = new Map(imageSources.map((module) => [module.kind as string, module]));

export const sourceModuleOf = ({ kind }: { kind: ImageSource['kind'] }): AnySource => byKind.get(kind) as AnySource;

/** The source in words, for the message that an image was not found in it. */
export const sourceText = (source: ImageSource): string => sourceModuleOf(source).text(source);

export const imageSchema = () =>
  z.discriminatedUnion('kind', imageSources.map(({ schema }) => schema()) as never, {
    error: `an image source: ${oneOf(imageSources.map(({ kind }) => `${kind}(…)`))}`,
  }) as unknown as z.ZodType<ImageSource, WrittenImage>;

export const persistedSource = kinds<ImageSource, 'kind'>(
  'kind',
  Object.fromEntries(imageSources.map(({ kind, persisted }) => [kind, persisted])) as {
    [Kind in ImageSource['kind']]: Reader<Extract<ImageSource, { kind: Kind }>>;
  },
);
