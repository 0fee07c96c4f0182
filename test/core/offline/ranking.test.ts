import assert from 'node:assert/strict';
import { answerTo, checkCitations, filesBelow } from './ask.ts';

const own = filesBelow('src', /\.ts$/);
const openai = filesBelow('node_modules/openai/src', /\.ts$/);
const mocha = filesBelow('node_modules/mocha/lib', /\.(c|m)?js$/);

const cases: [string, typeof own, [question: string, file: RegExp][]][] = [
  [
    'our own sources',
    own,
    [
      ['How is a frame sentinel inside file content neutralised?', /pack\/frame\.ts$/],
      ['Where are files read back out of a prompt?', /pack\/unpack\.ts$|offline\/prompt\.ts$/],
      ['Which reasons are there to skip a file?', /workspace\/types\.ts$/],
      ['What evidence sources for the context limit exist?', /endpoint\/types\.ts$/],
      ['How is a request over the context limit refused?', /offline\/wire\.ts$/],
      ['Where is the BM25 index created?', /offline\/rank\.ts$/],
      ['How does the stemmer cut word endings?', /offline\/terms\.ts$/],
      ['How is a large JSON body parsed without blocking the thread?', /offline\/largeJson\.ts$/],
      ['Which error codes can a user meet?', /core\/errors\.ts$/],
      ['What does turns.ts do?', /offline\/turns\.ts$/],
    ],
  ],
  [
    'the openai package',
    openai,
    [
      ['Where is a server-sent event stream decoded?', /core\/streaming\.ts$/],
      ['How are retries and the retry-after header handled?', /client\.ts$/],
      ['Which error class is thrown for a 401 status?', /core\/error\.ts$/],
      ['Where are lines split in the stream decoder?', /decoders\/line\.ts$/],
      ['How is an Azure deployment put into the url?', /azure\.ts$/],
      ['How does cursor pagination get the next page?', /core\/pagination\.ts$/],
      ['Where are uploaded files converted to File objects?', /uploads\.ts$/],
      ['How do we detect the platform and runtime headers?', /detect-platform\.ts$/],
    ],
  ],
  [
    'the mocha package',
    mocha,
    [
      ['How does the dot reporter print progress?', /reporters\/dot\.js$/],
      ['How are global leaks checked?', /lib\/runner\.js$|^runner\.js$/],
      ['How does the bdd interface define describe and it?', /interfaces\/bdd\.js$/],
      ['How are tests run in parallel workers?', /parallel-buffered-runner\.c?js$/],
      ['How is watch mode implemented?', /watch-run\.c?js$/],
      ['Where is the config file loaded?', /cli\/config\.c?js$/],
    ],
  ],
];

describe('offline reader finds the right file in its first three', function () {
  this.timeout(60_000); // megabytes of sources; a busy machine is no failure
  for (const [where, files, questions] of cases)
    for (const [question, wanted] of questions)
      it(`${where}: ${question}`, async () => {
        assert(
          files.some(({ path }) => wanted.test(path)),
          `no such file: ${wanted.source}`,
        );
        const cited = checkCitations(await answerTo(files, question), files);
        const first = [...new Set(cited.map(({ path }) => path))].slice(0, 3);
        assert(
          first.some(path => wanted.test(path)),
          `found ${first.join(', ')}`,
        );
      });
});
