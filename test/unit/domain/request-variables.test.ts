import { expect, test } from 'bun:test';
import { steersPrograms } from '#domain/request-variables.ts';

test.each(
  [
    'JAVACMD JAVA_HOME JRE_HOME M2_HOME MAVEN_HOME GRADLE_HOME GRADLE_USER_HOME SCALA_HOME KOTLIN_HOME ANT_HOME HADOOP_HOME',
    'RAKULIB RAKUDO_HOME PERL5LIB RUBYLIB GEMRC IRBRC GEM_HOME PHPRC R_HOME SBCL_HOME SWIPL_HOME JULIA_DEPOT_PATH',
    'PATH LD_PRELOAD Bash_Env http_proxy GROOVY_CLASSPATH LEIN_JAVA_CMD NVM_DIR PYENV_VERSION CHICKEN_REPOSITORY_PATH',
  ].flatMap((line) => line.split(' ')),
)('%s decides what programs run', (name) => {
  expect(steersPrograms(name)).toBeTrue();
});

test.each(
  'SRC DATA_SRC CRC HOMEPAGE DATA_PATH TARGET_PATH CALIB COMMAND SOURCE_LIB REGION GREETING MODE CITY_HOMES'.split(' '),
)('%s is an ordinary variable', (name) => {
  expect(steersPrograms(name)).toBeFalse();
});
