package dev.kelvin.cli;

import java.util.Arrays;
import java.util.List;

/** What somebody may have meant. */
final class Similar {
  private Similar() {}

  /** ", did you mean X?", or nothing. */
  static String suggestion(String typed, List<String> known) {
    String best = null;
    int distance = Integer.MAX_VALUE;
    for (var candidate : known) {
      // A word that was begun is meant before one that is spelt alike.
      int d = candidate.startsWith(typed) && typed.length() > 2 ? 1 : distance(typed, candidate);
      if (d < distance) {
        distance = d;
        best = candidate;
      }
    }
    return best != null && distance <= Math.max(2, typed.length() / 3) && distance < typed.length()
        ? ", did you mean " + best + "?"
        : "";
  }

  /** Damerau's, restricted: changed, left out, added, or swapped with its neighbour. */
  private static int distance(String a, String b) {
    var before = new int[b.length() + 1];
    var above = new int[b.length() + 1];
    Arrays.setAll(above, i -> i);
    for (int i = 1; i <= a.length(); i++) {
      var row = new int[b.length() + 1];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = above[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(change, Math.min(above[j], row[j - 1]) + 1);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          row[j] = Math.min(row[j], before[j - 2] + 1);
        }
      }
      before = above;
      above = row;
    }
    return above[b.length()];
  }
}
