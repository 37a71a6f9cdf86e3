package dev.kelvin.differential;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.kelvin.proto.etcdserverpb.LeaseKeepAliveRequest;
import dev.kelvin.proto.etcdserverpb.WatchRequest;
import io.grpc.Status;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Counts what of the API a run met: calls, options of requests, error texts. Any thread. */
final class Coverage {
  private record Calls(long answered, long refused) {
    Calls plus(boolean ok) {
      return new Calls(answered + (ok ? 1 : 0), refused + (ok ? 0 : 1));
    }
  }

  private final Map<String, Calls> calls = new TreeMap<>();
  private final Map<String, Long> options = new TreeMap<>();
  private final Map<String, Long> texts = new TreeMap<>();
  private final Map<Deliberate, Long> deliberate = new TreeMap<>();

  synchronized void met(Deliberate difference) {
    deliberate.merge(difference, 1L, Long::sum);
  }

  void met(Rpc rpc, Message request, Status status) {
    met(rpc.title, request, status);
  }

  /**
   * @param title service and method
   * @param status null if there was an answer
   */
  synchronized void met(String title, Message request, Status status) {
    calls.put(title, calls.getOrDefault(title, new Calls(0, 0)).plus(status == null));
    options(request);
    if (status != null && status.getDescription() != null) {
      text(status.getDescription());
    }
  }

  synchronized void text(String text) {
    texts.merge(text, 1L, Long::sum);
  }

  synchronized void option(String name) {
    options.merge(name, 1L, Long::sum);
  }

  private void options(Message message) {
    message
        .getAllFields()
        .forEach(
            (field, value) -> {
              for (var one : field.isRepeated() ? (List<?>) value : List.of(value)) {
                option(name(field, one));
                if (one instanceof Message inner) {
                  options(inner);
                }
              }
            });
  }

  private static String name(FieldDescriptor field, Object value) {
    var name = field.getContainingType().getName() + "." + field.getName();
    if (value instanceof EnumValueDescriptor constant) {
      boolean known = field.getEnumType().findValueByNumber(constant.getNumber()) != null;
      return name + "=" + (known ? constant.getName() : "unknown");
    }
    return name;
  }

  /**
   * All that requests can say; the first constant of an enum is what they say by saying nothing.
   */
  private static Set<String> allOptions() {
    var found = new TreeSet<String>();
    var seen = new TreeSet<String>();
    for (var rpc : Rpc.values()) {
      collect(rpc.request.getDescriptorForType(), found, seen);
    }
    collect(WatchRequest.getDescriptor(), found, seen);
    collect(LeaseKeepAliveRequest.getDescriptor(), found, seen);
    found.add("WatchResponse.fragment");
    return found;
  }

  private static void collect(Descriptor type, Set<String> found, Set<String> seen) {
    if (!seen.add(type.getFullName())) {
      return;
    }
    for (var field : type.getFields()) {
      switch (field.getJavaType()) {
        case MESSAGE -> {
          found.add(type.getName() + "." + field.getName());
          collect(field.getMessageType(), found, seen);
        }
        case ENUM -> {
          for (var constant : field.getEnumType().getValues()) {
            if (constant.getNumber() != 0 || field.isRepeated()) {
              found.add(name(field, constant));
            }
          }
          found.add(type.getName() + "." + field.getName() + "=unknown");
        }
        default -> found.add(type.getName() + "." + field.getName());
      }
    }
  }

  /** Prints the tables. */
  synchronized void print(PrintStream out) {
    out.println("calls                             answered   refused");
    for (var title : titles()) {
      var met = calls.get(title);
      if (met != null) {
        out.printf("  %-30s %9d %9d%n", title, met.answered, met.refused);
      } else {
        out.printf("  %-30s   never: %s%n", title, reason(title));
      }
    }
    out.println("options of requests");
    for (var option : allOptions()) {
      print(out, option, options.get(option));
    }
    out.println("error texts");
    var all = new TreeSet<>(NeverMet.TEXTS);
    all.addAll(texts.keySet());
    for (var text : all) {
      print(out, text, texts.get(text));
    }
    out.println("deliberate differences (docs/compatibility.md)");
    for (var difference : Deliberate.values()) {
      out.printf(
          "  %-14s %9d  %s%n",
          difference, deliberate.getOrDefault(difference, 0L), difference.what);
    }
  }

  private static void print(PrintStream out, String name, Long times) {
    if (times != null) {
      out.printf("  %9d  %s%n", times, name);
    } else {
      out.printf("      never  %s: %s%n", name, reason(name));
    }
  }

  private static Set<String> titles() {
    var titles = new TreeSet<>(NeverMet.CALLS);
    for (var rpc : Rpc.values()) {
      titles.add(rpc.title);
    }
    return titles;
  }

  private static String reason(String name) {
    var reason = NeverMet.reason(name);
    return reason == null ? "NOT MET IN THIS RUN" : reason;
  }

  /** What was never met, and there is no reason why. */
  synchronized List<String> unexplained() {
    var missing = new ArrayList<String>();
    titles().stream().filter(title -> !calls.containsKey(title)).forEach(missing::add);
    allOptions().stream().filter(option -> !options.containsKey(option)).forEach(missing::add);
    NeverMet.TEXTS.stream().filter(text -> !texts.containsKey(text)).forEach(missing::add);
    missing.removeIf(name -> NeverMet.reason(name) != null);
    return missing;
  }
}
