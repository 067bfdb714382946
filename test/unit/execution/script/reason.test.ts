import { expect, test } from 'bun:test';
import { reasonIn } from '#execution/script/reason.ts';

const cases: Readonly<Record<string, readonly [stderr: string, reason: string]>> = {
  'an error of Node.js': [
    "/p/a.js:3\nthrow new Error('boom')\n^\n\nError: boom\n    at f (/p/a.js:3:7) {\n  code: 'X'\n}\n\nNode.js v20.20.2\n",
    'Error: boom',
  ],
  'a text that Node.js was thrown': [
    "/p/a.js:1\nthrow 'no'\n^\nno\n(Use `node --trace-uncaught ...` to show where the exception was thrown)\n\nNode.js v20.1.0\n",
    'no',
  ],
  'a text that a promise was rejected with in Node.js': [
    'node:internal/process/promises:389\n      new UnhandledPromiseRejection(reason);\n      ^\n\nUnhandledPromiseRejection: This error originated either by throwing inside of an async function without a catch block, or by rejecting a promise which was not handled with .catch(). The promise rejected with the reason "he said "no".".\n    at processPromiseRejections (node:internal/process/promises:470:17) {\n  code: \'ERR_UNHANDLED_REJECTION\'\n}\n\nNode.js v20.20.2\n',
    'he said "no".',
  ],
  'such a text of an older Node.js': [
    'node:internal/process/promises:246\n          triggerUncaughtException(err, true /* fromPromise */);\n          ^\n\n[UnhandledPromiseRejection: This error originated either by throwing inside of an async function without a catch block, or by rejecting a promise which was not handled with .catch(). The promise rejected with the reason "plain".] {\n  code: \'ERR_UNHANDLED_REJECTION\'\n}\n',
    'plain',
  ],
  'a traceback of Python': [
    'Traceback (most recent call last):\n  File "a.py", line 1\nValueError: x\n',
    'ValueError: x',
  ],
  'an exception of Java': [
    'Exception in thread "main" java.lang.Error: x\n\tat A.main(A.java:3)\n',
    'Exception in thread "main" java.lang.Error: x',
  ],
  'an error of Ruby': [
    "a.rb:1:in 'f': bad (RuntimeError)\n\tfrom a.rb:3:in '<main>'\n",
    "a.rb:1:in 'f': bad (RuntimeError)",
  ],
  'a panic of Go': [
    'panic: bad\n\ngoroutine 1 [running]:\nmain.main()\n\t/p/a.go:4 +0x1\nexit status 2\n',
    'panic: bad',
  ],
  'an error of PHP': [
    'PHP Fatal error:  Uncaught Exception: x in /a.php:3\nStack trace:\n#0 {main}\n  thrown in /a.php on line 3\n',
    'PHP Fatal error:  Uncaught Exception: x in /a.php:3',
  ],
  'one indented line': ['  it failed\n', 'it failed'],
  nothing: ['\n', ''],
};

for (const [what, [stderr, reason]] of Object.entries(cases))
  test(`the reason in ${what}`, () => {
    expect(reasonIn(stderr)).toBe(reason);
  });
