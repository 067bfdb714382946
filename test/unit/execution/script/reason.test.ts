import { expect, test } from 'bun:test';
import { reasonIn } from '#execution/script/reason.ts';

const cases: Readonly<Record<string, readonly [stderr: string, reason: string]>> = {
  'an error of Node.js': [
    "/p/a.js:3\nthrow new Error('boom')\n^\n\nError: boom\n    at f (/p/a.js:3:7) {\n  code: 'X'\n}\n\nNode.js v20.20.2\n",
    'Error: boom',
  ],
  'a message of several lines of Node.js': [
    "/p/a.js:3\nthrow new Error('libfoo cannot be had:\\n  set FOO_MIRROR');\n^\n\nError: libfoo cannot be had:\n  set FOO_MIRROR\n\n  or install libfoo-dev\n    at f (/p/a.js:3:7) {\n  code: 'X'\n}\n\nNode.js v20.20.2\n",
    'Error: libfoo cannot be had: set FOO_MIRROR or install libfoo-dev',
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
  /* As Python 3.11, Ruby 3.1, R 4.2, Lua 5.4, Tcl 8.6, Rust 1.95, Java 17 and Perl 5.36 were seen to say it. */
  'a message of several lines of Python': [
    'Traceback (most recent call last):\n  File "a.py", line 3, in <module>\n    f()\nValueError: first\nsecond\n',
    'ValueError: first second',
  ],
  'an exception of Python that another one led to': [
    'Traceback (most recent call last):\n  File "b.py", line 3\njson.decoder.JSONDecodeError: Expecting\n\nThe above exception was the direct cause of the following exception:\n\nTraceback (most recent call last):\n  File "b.py", line 5\nRuntimeError: outer\nmore\n',
    'RuntimeError: outer more',
  ],
  'a group of exceptions of Python': [
    '  + Exception Group Traceback (most recent call last):\n  |   File "c.py", line 1, in <module>\n  | ExceptionGroup: eg (2 sub-exceptions)\n  +-+---------------- 1 ----------------\n    | ValueError: a\n    +------------------------------------\n',
    'ExceptionGroup: eg (2 sub-exceptions)',
  ],
  'what a program says behind an exception that it has caught': [
    "a.rb:1:in `f': bad (RuntimeError)\n\tfrom a.rb:3:in `<main>'\ngave up after 3 tries\n",
    'gave up after 3 tries',
  ],
  'a message of several lines of Ruby, and its cause': [
    "b.rb:2:in `rescue in <main>': out (E)\ner\n\tfrom b.rb:2:in `<main>'\nb.rb:2:in `<main>': in (RuntimeError)\nner\n",
    "b.rb:2:in `rescue in <main>': out (E) er",
  ],
  'an error of R': ['Error in g(x) : deep\nCalls: f -> g\nExecution halted\n', 'Error in g(x) : deep'],
  'an error of Lua': [
    'lua5.4: a.lua:1: first\nsecond\nstack traceback:\n\t[C]: in ?\n',
    'lua5.4: a.lua:1: first second',
  ],
  'an error of Tcl': [
    'invalid command name "nope"\n    while executing\n"nope"\n    (procedure "f" line 1)\n    invoked from within\n"f"\n    (file "b.tcl" line 2)\n',
    'invalid command name "nope"',
  ],
  'a panic of Rust': [
    "\nthread 'main' (42) panicked at a.rs:1:13:\nfirst\nsecond\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n",
    'first second',
  ],
  'an error of the compiler of Rust': [
    'error[E0308]: mismatched types\n --> c.rs:1:25\n  |\n1 | fn main(){ let x: i32 = "a"; }\n  |                   ---   ^^^ expected `i32`\n\nerror: aborting due to 1 previous error\n\nFor more information about this error, try `rustc --explain E0308`.\n',
    'error[E0308]: mismatched types',
  ],
  'an error of the compiler of Java': [
    'b.java:1: error: incompatible types: String cannot be converted to int\nclass A { int x = "s"; }\n                  ^\n1 error\nerror: compilation failed\n',
    'b.java:1: error: incompatible types: String cannot be converted to int',
  ],
  'a message of several lines of Java, and its cause': [
    'Exception in thread "main" java.lang.Error: first\nsecond\n\tat A.main(a.java:1)\nCaused by: java.io.IOException: disk\n\t... 3 more\n',
    'Exception in thread "main" java.lang.Error: first second; Caused by: java.io.IOException: disk',
  ],
  'a module that Perl does not find': [
    "Can't locate Nope.pm in @INC at b.pl line 1.\nBEGIN failed--compilation aborted at b.pl line 1.\n",
    "Can't locate Nope.pm in @INC at b.pl line 1.",
  ],
  'one indented line': ['  it failed\n', 'it failed'],
  nothing: ['\n', ''],
};

for (const [what, [stderr, reason]] of Object.entries(cases))
  test(`the reason in ${what}`, () => {
    expect(reasonIn(stderr)).toBe(reason);
  });
