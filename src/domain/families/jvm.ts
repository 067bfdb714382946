/** Languages of the Java virtual machine. */
import type { RuntimeFamily } from '#domain/runtime.ts';
import { ask, direct } from './shorthands.ts';

export const java: RuntimeFamily = {
  name: 'java',
  aliases: ['jdk', 'openjdk'],
  isSlowToStart: true,
  binaries: ['java'],
  probes: [{ args: ['-version'], version: /version "(\d+(?:\.\d+){0,2})/ }],
  homes: ['JAVA_HOME'],
  script: { extensions: ['.java'], command: direct, others: { '.jar': ['{interpreter}', '-jar', '{file}'] } },
  smoke: 'class Smoke { public static void main(String[] a) { System.out.println("attune-ok"); } }\n',
};

export const groovy: RuntimeFamily = {
  name: 'groovy',
  aliases: [],
  isSlowToStart: true,
  binaries: ['groovy'],
  probes: ask('--version'),
  homes: ['GROOVY_HOME', 'JAVA_HOME'],
  script: { extensions: ['.groovy'], command: direct },
  smoke: 'println "attune-ok"\n',
};

export const kotlin: RuntimeFamily = {
  name: 'kotlin',
  aliases: ['kotlinc'],
  isSlowToStart: true,
  binaries: ['kotlinc'],
  probes: ask('-version'),
  homes: ['KOTLIN_HOME', 'JAVA_HOME'],
  script: { extensions: ['.kts'], command: ['{interpreter}', '-script', '{file}'] },
  smoke: 'println("attune-ok")\n',
};

export const scala: RuntimeFamily = {
  name: 'scala',
  aliases: [],
  isSlowToStart: true,
  binaries: ['scala'],
  probes: ask('-version'),
  homes: ['SCALA_HOME', 'JAVA_HOME'],
  script: { extensions: ['.scala', '.sc'], command: direct },
  smoke: 'object Smoke extends App { println("attune-ok") }\n',
};
