package dev.kelvin.process;

import static java.util.stream.Collectors.toCollection;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** A page in Prometheus's text format, read back. */
final class Scrape {
  private static final Pattern SAMPLE =
      Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)})? (\\S+)");
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"([^\"]*)\"");

  /** One line. */
  record Sample(String name, Map<String, String> labels, double value) {}

  /** By family; "untyped" is not among them. */
  final Map<String, String> types = new TreeMap<>();

  final List<Sample> samples = new ArrayList<>();

  private Scrape() {}

  static Scrape of(NodeProcess node) {
    try {
      return parse(node.get("/metrics").body());
    } catch (IOException e) {
      throw new AssertionError("cannot scrape " + node.name, e);
    }
  }

  private static Scrape parse(String page) {
    var scrape = new Scrape();
    for (var line : page.lines().toList()) {
      var words = line.split(" ");
      if (line.startsWith("# TYPE ")) {
        if (scrape.types.put(words[2], words[3]) != null) {
          throw new AssertionError(words[2] + " is there twice");
        }
      } else if (!line.startsWith("#")) {
        var sample = SAMPLE.matcher(line);
        if (!sample.matches()) {
          throw new AssertionError("no line of a page: " + line);
        }
        var labels = new TreeMap<String, String>();
        if (sample.group(2) != null) {
          LABEL.matcher(sample.group(2)).results().forEach(l -> labels.put(l.group(1), l.group(2)));
        }
        scrape.samples.add(
            new Sample(sample.group(1), labels, Double.parseDouble(sample.group(3))));
      }
    }
    return scrape;
  }

  boolean has(String series) {
    return samples.stream().anyMatch(s -> s.name.equals(series));
  }

  /** Sum of the series of a name that have these values of labels. */
  double sum(String series, String... labels) {
    return samples.stream()
        .filter(s -> s.name.equals(series) && s.labels.values().containsAll(List.of(labels)))
        .mapToDouble(Sample::value)
        .sum();
  }

  /** Names of the labels of a family, but for the bounds of buckets. */
  TreeSet<String> labels(String family) {
    return samples.stream()
        .filter(s -> s.name.equals(family) || s.name.equals(family + "_count"))
        .flatMap(s -> s.labels.keySet().stream())
        .collect(toCollection(TreeSet::new));
  }

  /** Bounds of the buckets of a histogram, in the order in which they stand. */
  List<String> bounds(String family) {
    return samples.stream()
        .filter(s -> s.name.equals(family + "_bucket"))
        .map(s -> s.labels.get("le"))
        .distinct()
        .toList();
  }
}
