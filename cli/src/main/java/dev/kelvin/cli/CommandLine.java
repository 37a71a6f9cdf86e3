package dev.kelvin.cli;

import dev.kelvin.client.NoEndpointException;
import dev.kelvin.client.ServerException;
import dev.kelvin.client.UnknownOutcomeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

/** From what was typed to an exit code. */
final class CommandLine {
  private CommandLine() {}

  /** Says what there is to say on the session's streams; never throws for what people may do. */
  static int execute(String[] args, Session session) {
    try {
      try {
        return run(new ArrayList<>(List.of(args)), session);
      } finally {
        session.out().flush();
      }
    } catch (UsageException e) {
      session.say(e.getMessage());
      return Exit.USAGE;
    } catch (FailedException e) {
      session.say(e.getMessage());
      return e.exit();
    } catch (ServerException e) {
      session.say(session.client().endpoint() + " says: " + e.getMessage());
      return e.code() == ServerException.NOT_FOUND ? Exit.NOT_FOUND : Exit.FAILURE;
    } catch (NoEndpointException e) {
      session.say(e.getMessage());
      return Exit.NO_ENDPOINT;
    } catch (UnknownOutcomeException e) {
      session.say(e.getMessage());
      return Exit.UNKNOWN_OUTCOME;
    } catch (IOException | UncheckedIOException e) {
      session.say("cannot read or write: " + e.getMessage());
      return Exit.FAILURE;
    } catch (OutOfMemoryError e) {
      session.say(
          "the answer does not fit into memory; ask for less (--limit), or give it more:"
              + " KELVIN_JAVA_OPTS=-Xmx2g");
      return Exit.FAILURE;
    }
  }

  private static int run(List<String> words, Session session) throws IOException {
    if (words.isEmpty() || isHelp(words.getFirst())) {
      if (words.size() > 1) {
        return help(words.subList(1, words.size()), session);
      }
      session.print(Help.of(Commands.KELVIN, "kelvin"));
      return words.isEmpty() ? Exit.USAGE : Exit.OK;
    }
    if (words.getFirst().equals("--version") || words.getFirst().equals("-V")) {
      session.println("kelvin " + version());
      return Exit.OK;
    }
    return command(Commands.KELVIN, "kelvin", sharedOptionsLast(words), session);
  }

  private static boolean isHelp(String word) {
    return word.equals("--help") || word.equals("-h") || word.equals("help");
  }

  /** "kelvin help COMMAND". */
  private static int help(List<String> names, Session session) throws IOException {
    var words = new ArrayList<>(names);
    words.add("--help");
    return command(Commands.KELVIN, "kelvin", words, session);
  }

  /** As with etcdctl, options may come before the command. */
  private static List<String> sharedOptionsLast(List<String> words) {
    int at = 0;
    while (at < words.size() && words.get(at).startsWith("-")) {
      var word = words.get(at);
      var option = Given.option(word.split("=", 2)[0], Session.OPTIONS);
      at += option.isFlag() || word.contains("=") ? 1 : 2;
    }
    if (at == 0 || at >= words.size()) {
      return words;
    }
    // After the command's names, which may be two; before any "--".
    var moved = new ArrayList<String>();
    moved.add(words.get(at));
    int next = at + 1;
    boolean group = Commands.KELVIN.command(words.get(at)).filter(Command::isGroup).isPresent();
    if (group && next < words.size()) {
      moved.add(words.get(next++));
    }
    moved.addAll(words.subList(0, at));
    moved.addAll(words.subList(next, words.size()));
    return moved;
  }

  private static int command(Command group, String path, List<String> words, Session session)
      throws IOException {
    if (words.isEmpty()) {
      throw new UsageException("which command? See \"" + path + " --help\"");
    }
    var name = words.getFirst();
    if (isHelp(name)) {
      session.print(Help.of(group, path));
      return Exit.OK;
    }
    var names = group.commands().stream().map(Command::name).toList();
    var command =
        group.command(name).orElseThrow(() -> new UsageException(unknown(name, path, names)));
    var rest = words.subList(1, words.size());
    var longer = path + " " + name;
    if (command.isGroup()) {
      return command(command, longer, rest, session);
    }
    if (command.isNodes()) {
      throw new UsageException(
          "options of " + longer + " come after it: see \"" + longer + " --help\"");
    }
    int end = rest.indexOf("--");
    var options = end < 0 ? rest : rest.subList(0, end);
    if (options.contains("--help") || options.contains("-h")) {
      session.print(Help.of(command, longer));
      return Exit.OK;
    }
    var given = Given.parse(command, Session.OPTIONS, rest, StandardCharsets.UTF_8);
    session.configure(given);
    return command.action().run(given, session);
  }

  private static String unknown(String name, String path, List<String> names) {
    if (name.startsWith("-")) {
      return "unknown option " + name + ", see \"" + path + " --help\"";
    }
    var suggestion = Similar.suggestion(name, names);
    return "unknown command "
        + (path + " ").substring("kelvin ".length())
        + name
        + (suggestion.isEmpty() ? ", see \"" + path + " --help\"" : suggestion);
  }

  private static String version() throws IOException {
    var properties = new Properties();
    try (var in = CommandLine.class.getResourceAsStream("version.properties")) {
      properties.load(in);
    }
    return properties.getProperty("version");
  }
}
