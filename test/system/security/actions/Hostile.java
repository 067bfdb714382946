import java.nio.file.*;
import java.nio.charset.StandardCharsets;

class Hostile {
  public static void main(String[] arguments) throws Exception {
    System.out.println(System.getenv());
    for (String path : Files.readAllLines(Path.of("/mnt/paths"))) {
      try (var in = Files.newInputStream(Path.of(path))) {
        System.out.println(new String(in.readNBytes(1 << 20), StandardCharsets.ISO_8859_1));
      } catch (java.io.IOException refused) {
      }
    }
    System.out.println("tried");
  }
}
