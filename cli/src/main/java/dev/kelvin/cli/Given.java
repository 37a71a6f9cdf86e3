package dev.kelvin.cli;

import com.google.protobuf.ByteString;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What was said after a command's name. */
final class Given {
  private final Map<String, String> values;
  private final List<String> parameters;
  private final Charset charset;

  private Given(Map<String, String> values, List<String> parameters, Charset charset) {
    this.values = values;
    this.parameters = parameters;
    this.charset = charset;
  }

  /**
   * Reads options and parameters in any order; after {@code --} there are only parameters.
   *
   * @param shared options beside the command's own
   * @param charset in which the words are bytes
   * @throws UsageException for what the command does not know
   */
  static Given parse(Command command, List<Option> shared, List<String> words, Charset charset) {
    var known = new ArrayList<>(command.options());
    known.addAll(shared);
    var values = new HashMap<String, String>();
    var parameters = new ArrayList<String>();
    for (int i = 0; i < words.size(); i++) {
      var word = words.get(i);
      if (word.equals("--")) {
        parameters.addAll(words.subList(i + 1, words.size()));
        break;
      }
      if (!word.startsWith("-") || word.equals("-")) {
        parameters.add(word);
        continue;
      }
      int equals = word.indexOf('=');
      var name = equals < 0 ? word : word.substring(0, equals);
      var option = option(name, known);
      String value;
      if (equals >= 0) {
        value = word.substring(equals + 1);
      } else if (option.isFlag()) {
        value = "true";
      } else if (i + 1 < words.size()) {
        value = words.get(++i);
      } else {
        throw new UsageException(name + " needs a value: " + option.parameter());
      }
      check(option, name, value);
      values.put(option.name(), value);
    }
    return new Given(values, List.copyOf(parameters), charset).counted(command);
  }

  /**
   * @throws UsageException if there is none of that name
   */
  static Option option(String name, List<Option> known) {
    for (var option : known) {
      if (option.names().contains(name)) {
        return option;
      }
    }
    var names = known.stream().flatMap(o -> o.names().stream()).toList();
    throw new UsageException(
        "unknown option "
            + name
            + (name.matches("-[0-9.].*")
                ? "; a value that begins with a dash goes after --"
                : Similar.suggestion(name, names)));
  }

  private static void check(Option option, String name, String value) {
    var allowed = option.isFlag() ? List.of("true", "false") : option.values();
    if (!allowed.isEmpty() && !allowed.contains(value)) {
      throw new UsageException(
          name
              + ": must be "
              + String.join(" or ", allowed)
              + ", got \""
              + value
              + "\""
              + Similar.suggestion(value, allowed));
    }
  }

  private Given counted(Command command) {
    var named = command.parameters();
    if (parameters.size() < command.least()) {
      throw new UsageException(
          command.name()
              + " needs "
              + String.join(" ", named.subList(parameters.size(), named.size())));
    }
    if (parameters.size() > named.size()) {
      throw new UsageException(
          "unexpected argument "
              + parameters.get(named.size())
              + ": "
              + command.name()
              + (named.isEmpty() ? " takes none" : " takes " + String.join(" ", named)));
    }
    return this;
  }

  boolean has(String option) {
    return values.containsKey(option);
  }

  boolean flag(String option) {
    return "true".equals(values.get(option));
  }

  String text(String option, String otherwise) {
    return values.getOrDefault(option, otherwise);
  }

  /** A number that is not negative; 0 if it was not given. */
  long number(String option) {
    return has(option) ? number(option, values.get(option)) : 0;
  }

  static long number(String what, String text) {
    try {
      long number = Long.parseLong(text);
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new UsageException(what + ": must be a number, got \"" + text + "\"");
  }

  /** As leases and members are shown: hexadecimal. */
  static long id(String what, String text) {
    try {
      return Long.parseUnsignedLong(text, 16);
    } catch (NumberFormatException e) {
      throw new UsageException(
          what + ": must be an ID of up to 16 hex digits, as it is shown, got \"" + text + "\"");
    }
  }

  int count() {
    return parameters.size();
  }

  String parameter(int at) {
    return parameters.get(at);
  }

  /** A key or a value, byte by byte as it was typed. */
  ByteString bytes(int at) {
    var text = parameters.get(at);
    if (text.indexOf('\ufffd') >= 0) {
      throw new UsageException(
          "an argument is not valid UTF-8; bytes of any kind can be given to put on standard input,"
              + " and to txn as \"\\x00\"");
    }
    return ByteString.copyFrom(text, charset);
  }
}
