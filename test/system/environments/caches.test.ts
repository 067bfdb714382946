/**
 * Actions are the user of the installers by default, and can write to the home of both. What they plant in the caches that
 * installers keep there does not get into the environment of another pack, and the settings in that home still hold.
 */
import { afterAll, beforeAll, expect } from 'bun:test';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Call, call } from '#test/support/call.ts';
import { agentInRoot, rootEnv } from '#test/support/installers-root.ts';
import { tarball, writePacksWithDependencies } from '#test/support/packs-with-dependencies.ts';
import { rootFileSystem } from '#test/support/root-file-systems.ts';
import { isRoot, rootTest as test } from '#test/support/root-test.ts';
import { type TemporaryDirectory, temporaryDirectory } from '#test/support/temporary.ts';

const MINUTES = 60_000;
/** Of Java programs that end soon. Java takes the home from /etc/passwd, where this user is not. */
const brief = '-Xmx512m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Duser.home=/tmp';
let packs: TemporaryDirectory;
let temporary: TemporaryDirectory;

const greeting = (word: string): string => `hello Ada from ${word}`;

beforeAll(() => {
  [packs, temporary] = [temporaryDirectory(), temporaryDirectory()];
  writePacksWithDependencies(packs.path, { families: ['ruby', 'rust', 'java'] });
  packs.file('evil/pack.yaml', 'ref: evil\nversion: 1.0.0\n');
  if (isRoot) rootFileSystem('installers');
}, 15 * MINUTES);
afterAll(() => {
  packs[Symbol.dispose]();
  temporary[Symbol.dispose]();
});

const run = (action: string): Call =>
  call(
    agentInRoot(['run', action, '--packs', '/mnt', '-p', 'name=Ada', '--format', 'json'], {
      ...{ packs: packs.path, temporary: temporary.path, user: '64123:0', hasNetwork: true },
    }),
    { env: { ...rootEnv, HOME: '/tmp', MAVEN_OPTS: brief, GRADLE_OPTS: brief } },
  );

function plant(family: string, script: string): void {
  packs.file(`evil/actions/${family}.yaml`, `runner_type: shell\nentry_point: ${family}.sh\n`);
  packs.file(`evil/actions/${family}.sh`, `set -e\nexport HOME=/tmp\n${script}\necho planted\n`);
  const planted = run(`evil.${family}`);
  expect(planted).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('planted') });
}

test(
  'cargo: a crate that was changed where it lies unpacked, with the registry of the home',
  () => {
    const crate = tarball({
      'tiny-1.0.0/Cargo.toml': '[package]\nname = "tiny"\nversion = "1.0.0"\nedition = "2021"\n',
      'tiny-1.0.0/src/lib.rs': `pub fn greet(name: &str) -> String {\n    format!("hello {} from the registry", name)\n}\n`,
    });
    const cksum = createHash('sha256').update(crate).digest('hex');
    const indexed = { name: 'tiny', vers: '1.0.0', deps: [], cksum, features: {}, yanked: false };
    packs.file('registry/index/ti/ny/tiny', `${JSON.stringify(indexed)}\n`);
    packs.file('registry/tiny-1.0.0.crate', crate);
    packs.file(
      'rust/Cargo.toml',
      '[package]\nname = "greet"\nversion = "1.0.0"\nedition = "2021"\n\n[[bin]]\nname = "greet"\npath = "actions/greet.rs"\n\n[dependencies]\ntiny = "=1.0.0"\n',
    );
    packs.file(
      'config.toml',
      '[source.crates-io]\nreplace-with = "mirror"\n[source.mirror]\nlocal-registry = "/mnt/registry"\n',
    );
    plant(
      'rust',
      `mkdir ~/.cargo; cp /mnt/config.toml ~/.cargo; cp -r /mnt/rust ~/copy; cd ~/copy; cargo fetch
sed -i s/hello/evil/ ~/.cargo/registry/src/*/tiny-1.0.0/src/lib.rs`,
    );
    const { stdout, stderr } = run('rust.greet');
    expect(JSON.parse(stdout), stderr).toMatchObject({ data: { greeting: greeting('the registry') } });
  },
  5 * MINUTES,
);

test(
  'bundler: a plugin that was put among those of the user',
  () => {
    packs.file(
      'index',
      '---\ncommands:\nhooks:\n  before-install-all:\n    - "evil"\nload_paths:\n  evil:\n    - "/tmp/evil"\nplugin_paths:\n  evil: "/tmp/evil"\nsources:\n',
    );
    plant(
      'ruby',
      `mkdir -p ~/.bundle/plugin ~/evil; cp /mnt/index ~/.bundle/plugin; echo 'File.write("/tmp/loaded", "")' > ~/evil/plugins.rb`,
    );
    const { stdout, stderr } = run('ruby.greet');
    expect(JSON.parse(stdout), stderr).toMatchObject({ data: { greeting: greeting('tiny 1.0.0') } });
    expect(existsSync(join(temporary.path, 'loaded'))).toBe(false);
  },
  5 * MINUTES,
);

test(
  'maven: a plugin that was put into the local repository, with the mirror of the settings in the home',
  () => {
    const plugin = '<groupId>org.apache.maven.plugins</groupId><artifactId>maven-dependency-plugin</artifactId>';
    const model = '<modelVersion>4.0.0</modelVersion>';
    packs.file(
      'java/pom.xml',
      `<project>${model}<groupId>x</groupId><artifactId>x</artifactId><version>1</version><build><plugins><plugin>${plugin}<version>1.0</version></plugin></plugins></build></project>`,
    );
    /* Maven 3 adds this library to every plugin that does not ask for it. */
    const utils = '<groupId>org.codehaus.plexus</groupId><artifactId>plexus-utils</artifactId><version>1.1</version>';
    packs.file('utils.pom', `<project>${model}${utils}</project>`);
    packs.file('plugin.pom', `<project>${model}${plugin}<version>1.0</version></project>`);
    packs.file(
      'plugin.xml',
      `<plugin><name>x</name>${plugin}<version>1.0</version><goalPrefix>dependency</goalPrefix><mojos><mojo><goal>copy-dependencies</goal><implementation>a.Mojo</implementation><language>java</language><instantiationStrategy>per-lookup</instantiationStrategy><executionStrategy>once-per-session</executionStrategy></mojo></mojos></plugin>`,
    );
    packs.file(
      'settings.xml',
      '<settings><mirrors><mirror><id>m</id><mirrorOf>*</mirrorOf><url>file:///tmp/repository</url></mirror></mirrors></settings>',
    );
    const version = 'org/apache/maven/plugins/maven-dependency-plugin/1.0';
    const [good, evil] = [`~/repository/${version}`, `~/.m2/repository/${version}`];
    const name = 'maven-dependency-plugin-1.0';
    const utilities = '~/repository/org/codehaus/plexus/plexus-utils/1.1/plexus-utils-1.1';
    packs.file(
      'Mojo.java',
      'package a; public class Mojo extends org.apache.maven.plugin.AbstractMojo { public void execute() { new java.io.File("/tmp", getClass().getResource("/evil") == null ? "good-maven" : "evil-maven").mkdir(); } }',
    );
    plant(
      'java',
      `mkdir -p ~/.m2 ~/made/META-INF/maven ${good} ${evil} $(dirname ${utilities}); cp /mnt/settings.xml ~/.m2; cp /mnt/plugin.xml ~/made/META-INF/maven
javac -cp "$(echo /usr/share/maven/lib/*.jar | tr ' ' :)" -d ~/made /mnt/Mojo.java
jar cf ${good}/${name}.jar -C ~/made .; touch ~/made/evil; jar cf ${evil}/${name}.jar -C ~/made .
for place in ${good} ${evil}; do cp /mnt/plugin.pom $place/${name}.pom; done
cp /mnt/utils.pom ${utilities}.pom; jar cf ${utilities}.jar /mnt/utils.pom`,
    );
    const { stdout, stderr } = run('java.greet');
    expect(JSON.parse(stdout), stderr).toMatchObject({ data: { greeting: greeting('tiny 1.0.0') } });
    expect(['good-maven', 'evil-maven'].map((name) => existsSync(join(temporary.path, name)))).toEqual([true, false]);
  },
  5 * MINUTES,
);
