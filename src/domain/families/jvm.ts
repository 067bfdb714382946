/** Languages of the Java virtual machine. */
import type { RuntimeFamily } from '#domain/runtime.ts';
import { asking, direct } from './shorthands.ts';

export const java: RuntimeFamily = {
  name: 'java',
  aliases: ['jdk', 'openjdk'],
  isSlowToStart: true,
  binaries: ['java'],
  probes: [
    asking('-version', /^\w+ version "(?<version>[\d._]+(?:-(?:ea|internal|beta|dev|snapshot))?)[^"\n]*"/m),
    asking('-XshowSettings:properties -version', /^\s*java\.version = (?<version>\S+)$/m),
  ],
  homes: ['JAVA_HOME'],
  script: { extensions: ['.java'], command: direct, others: { '.jar': ['{interpreter}', '-jar', '{file}'] } },
  smoke: 'class Smoke { public static void main(String[] a) { System.out.println("attune-ok"); } }\n',
};

export const groovy: RuntimeFamily = {
  name: 'groovy',
  aliases: [],
  isSlowToStart: true,
  binaries: ['groovy'],
  probes: [asking('--version', /^Groovy Version: (?<version>\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)/m)],
  homes: ['GROOVY_HOME', 'JAVA_HOME'],
  script: { extensions: ['.groovy'], command: direct, takesNext: /^-e$/ },
  smoke: 'println "attune-ok"\n',
};

export const kotlin: RuntimeFamily = {
  name: 'kotlin',
  aliases: ['kotlinc'],
  isSlowToStart: true,
  binaries: ['kotlinc'],
  probes: [asking('-version', /\bkotlinc-(?:jvm|native) (?<version>\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)/)],
  homes: ['KOTLIN_HOME', 'JAVA_HOME'],
  script: { extensions: ['.kts'], command: ['{interpreter}', '-script', '{file}'] },
  smoke: 'println("attune-ok")\n',
};

export const scala: RuntimeFamily = {
  name: 'scala',
  aliases: [],
  isSlowToStart: true,
  binaries: ['scala'],
  probes: [
    asking(
      '-version',
      /^Scala version \(default\): (?<version>\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)/m,
      /^Scala code runner version (?<version>\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)/m,
      /^Scala compiler version (?<version>\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)/m,
    ),
  ],
  homes: ['SCALA_HOME', 'JAVA_HOME'],
  script: { extensions: ['.scala', '.sc'], command: direct },
  smoke: 'object Smoke extends App { println("attune-ok") }\n',
};
