import type { RefusingServer } from '#test/support/refusing-server.ts';
import { type FailingInstall, NOWHERE } from './failing-install.ts';

/** Of Java programs that end soon: what compiles them costs more than it gains. With as much memory, Gradle starts no second one. */
const brief = '-Xmx512m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC';
const env = { MAVEN_OPTS: brief, GRADLE_OPTS: brief };

export function java({ url, untrusted }: RefusingServer): readonly FailingInstall[] {
  const maven = (why: string, repository: string, text?: string): FailingInstall => ({
    ...{ tool: 'maven', why, family: 'java', env },
    files: {
      'pom.xml':
        text ??
        `<project><modelVersion>4.0.0</modelVersion><groupId>x</groupId><artifactId>x</artifactId><version>1</version>
  <repositories><repository><id>central</id><url>${repository}</url></repository></repositories>
  <pluginRepositories><pluginRepository><id>central</id><url>${repository}</url></pluginRepository></pluginRepositories>
  <dependencies><dependency><groupId>tiny</groupId><artifactId>tiny</artifactId><version>1.0.0</version></dependency></dependencies>
</project>`,
    },
  });
  const gradle = (why: string, repository: string, text?: string): FailingInstall => ({
    ...{ tool: 'gradle', why, family: 'java', env },
    files: {
      'build.gradle':
        text ??
        `plugins { id 'java' }\nrepositories { maven { url '${repository}' } }\ndependencies { implementation 'tiny:tiny:1.0.0' }\n`,
    },
  });
  return [
    maven('no network', NOWHERE),
    maven('no such host', 'https://no-such-host.invalid'),
    maven('untrusted certificate', `${untrusted}/maven`),
    maven('authentication', `${url}/denied`),
    maven('forbidden', `${url}/forbidden`),
    maven('not there', `${url}/none`),
    maven('a pom.xml that is broken', '', '<project><modelVersion>4.0.0</modelVersion>'),
    maven(
      'a version that is missing',
      '',
      '<project><modelVersion>4.0.0</modelVersion><groupId>x</groupId><artifactId>x</artifactId><version>1</version><dependencies><dependency><groupId>t</groupId><artifactId>t</artifactId></dependency></dependencies></project>',
    ),
    maven(
      'a version that is not set',
      '',
      '<project><modelVersion>4.0.0</modelVersion><groupId>x</groupId><artifactId>x</artifactId><version>1</version><dependencies><dependency><groupId>t</groupId><artifactId>t</artifactId><version>$' +
        '{nowhere}</version></dependency></dependencies></project>',
    ),
    gradle('no such plugin', '', "plugins { id 'no.where' version '1.0' }\n"),
    gradle('no network', NOWHERE),
    gradle('no such host', 'http://no-such-host.invalid'),
    gradle('untrusted certificate', `${untrusted}/maven`),
    gradle('authentication', `${url}/denied`),
    gradle('not there', `${url}/none`),
    gradle('a build file that is broken', '', "plugins { id 'java' \n"),
    gradle('no repositories', '', "plugins { id 'java' }\ndependencies { implementation 'tiny:tiny:1.0.0' }\n"),
  ];
}
