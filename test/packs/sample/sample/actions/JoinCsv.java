import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

public class JoinCsv {
    public static void main(String[] args) throws Exception {
        Map<String, String> parameters = readDotenv(new String(System.in.readAllBytes(), StandardCharsets.UTF_8));
        List<List<String>> left = parse(parameters.get("left"));
        List<List<String>> right = parse(parameters.get("right"));
        int leftKey = column(left, parameters.get("key"), "left");
        int rightKey = column(right, parameters.get("key"), "right");

        Map<String, List<List<String>>> index = new HashMap<>();
        for (List<String> row : right) index.computeIfAbsent(row.get(rightKey), k -> new ArrayList<>()).add(row);
        int rows = 0;
        for (List<String> row : left)
            for (List<String> match : index.getOrDefault(row.get(leftKey), List.of())) {
                List<String> joined = new ArrayList<>(row);
                for (int i = 0; i < match.size(); i++) if (i != rightKey) joined.add(match.get(i));
                System.out.println(String.join(",", joined));
                rows++;
            }
        System.err.println((rows - 1) + " rows joined");
    }

    static List<List<String>> parse(String csv) {
        List<List<String>> rows = new ArrayList<>();
        for (String line : csv.strip().split("\\R")) rows.add(Arrays.asList(line.split(",", -1)));
        return rows;
    }

    static int column(List<List<String>> table, String name, String side) {
        int at = table.get(0).indexOf(name);
        if (at >= 0) return at;
        System.err.println("the " + side + " table has no column '" + name + "', only " + table.get(0));
        System.exit(1);
        return at;
    }

    static Map<String, String> readDotenv(String text) {
        Map<String, String> values = new HashMap<>();
        Matcher one = Pattern.compile("^([\\w.]+)='((?:[^']|'\\\\'')*)'$", Pattern.MULTILINE).matcher(text);
        while (one.find()) values.put(one.group(1), one.group(2).replace("'\\''", "'"));
        return values;
    }
}
