package dev.kelvin.cli;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.etcdserverpb.Compare;
import dev.kelvin.proto.etcdserverpb.Compare.CompareResult;
import dev.kelvin.proto.etcdserverpb.Compare.CompareTarget;
import dev.kelvin.proto.etcdserverpb.RequestOp;
import dev.kelvin.proto.etcdserverpb.TxnRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;

/**
 * A transaction as etcdctl reads it: comparisons, an empty line, requests, an empty line, requests.
 * Words may be in double quotes, with the escapes {@code \n \t \r \" \\ \xNN}, or in single ones,
 * without any.
 *
 * <p>Characters are bytes here (ISO 8859-1), so that any key can be said.
 */
final class TransactionText {
  private final String line;
  private int at;

  private TransactionText(String line) {
    this.line = line;
  }

  /**
   * @throws UsageException for what cannot be read, with the line
   */
  static TxnRequest parse(String text) {
    var request = TxnRequest.newBuilder();
    var lines = text.lines().map(String::strip).iterator();
    part(lines, line -> request.addCompare(line.compare()));
    part(lines, line -> request.addSuccess(line.request()));
    part(lines, line -> request.addFailure(line.request()));
    while (lines.hasNext()) {
      var line = lines.next();
      if (!line.isEmpty()) {
        throw new UsageException("more than three parts: " + line);
      }
    }
    return request.build();
  }

  private static void part(Iterator<String> lines, Consumer<TransactionText> each) {
    while (lines.hasNext()) {
      var line = lines.next();
      if (line.isEmpty()) {
        return;
      }
      try {
        each.accept(new TransactionText(line));
      } catch (UsageException e) {
        throw new UsageException(e.getMessage() + ", in: " + line);
      }
    }
  }

  /** {@code value("key") = "hello"}. */
  private Compare compare() {
    int open = line.indexOf('(');
    if (open < 0) {
      throw new UsageException("a comparison looks like value(\"key\") = \"hello\"");
    }
    var target = line.substring(0, open).strip();
    at = open + 1;
    var compare = Compare.newBuilder().setKey(bytes(word("a key")));
    expect(')');
    compare.setResult(result());
    var value = word("what to compare with");
    if (more()) {
      throw new UsageException("unexpected \"" + line.substring(at) + "\"");
    }
    switch (target) {
      case "value", "val" -> compare.setTarget(CompareTarget.VALUE).setValue(bytes(value));
      case "version", "ver" -> compare.setTarget(CompareTarget.VERSION).setVersion(number(value));
      case "create", "c" ->
          compare.setTarget(CompareTarget.CREATE).setCreateRevision(number(value));
      case "mod", "m" -> compare.setTarget(CompareTarget.MOD).setModRevision(number(value));
      case "lease" -> compare.setTarget(CompareTarget.LEASE).setLease(Given.id("lease", value));
      default ->
          throw new UsageException(
              "\""
                  + target
                  + "\" cannot be compared"
                  + Similar.suggestion(
                      target, List.of("value", "version", "create", "mod", "lease")));
    }
    return compare.build();
  }

  private static long number(String text) {
    return Given.number("what to compare with", text);
  }

  private CompareResult result() {
    skipSpace();
    int begin = at;
    while (at < line.length() && "=!<>".indexOf(line.charAt(at)) >= 0) {
      at++;
    }
    return switch (line.substring(begin, at)) {
      case "=", "==" -> CompareResult.EQUAL;
      case "!=" -> CompareResult.NOT_EQUAL;
      case "<" -> CompareResult.LESS;
      case ">" -> CompareResult.GREATER;
      default -> throw new UsageException("compares by =, !=, < or >");
    };
  }

  private void expect(char c) {
    skipSpace();
    if (at >= line.length() || line.charAt(at) != c) {
      throw new UsageException("misses \"" + c + "\"");
    }
    at++;
  }

  /** {@code put key value}, {@code get}, {@code del}, as on the command line. */
  private RequestOp request() {
    var words = new ArrayList<String>();
    while (more()) {
      words.add(word("a word"));
    }
    var rest = words.subList(1, words.size());
    var op = RequestOp.newBuilder();
    try {
      switch (words.getFirst()) {
        case "put" -> op.setRequestPut(Keys.putRequest(given(Commands.PUT, rest), null));
        case "get" -> op.setRequestRange(Keys.rangeRequest(given(Commands.GET, rest)));
        case "del" -> op.setRequestDeleteRange(Keys.deleteRequest(given(Commands.DEL, rest)));
        default ->
            throw new UsageException(
                "unknown request "
                    + words.getFirst()
                    + Similar.suggestion(words.getFirst(), List.of("put", "get", "del")));
      }
    } catch (IOException e) {
      throw new UsageException(e.getMessage());
    }
    return op.build();
  }

  private static Given given(Command command, List<String> words) {
    return Given.parse(command, List.of(), words, StandardCharsets.ISO_8859_1);
  }

  private static ByteString bytes(String word) {
    return ByteString.copyFrom(word, StandardCharsets.ISO_8859_1);
  }

  private void skipSpace() {
    while (at < line.length() && line.charAt(at) <= ' ') {
      at++;
    }
  }

  private boolean more() {
    skipSpace();
    return at < line.length();
  }

  private String word(String what) {
    if (!more()) {
      throw new UsageException("misses " + what);
    }
    char quote = line.charAt(at);
    if (quote == '"' || quote == '\'') {
      at++;
      return quoted(quote);
    }
    int begin = at;
    while (at < line.length() && line.charAt(at) > ' ' && line.charAt(at) != ')') {
      at++;
    }
    return line.substring(begin, at);
  }

  private String quoted(char quote) {
    var word = new ByteArrayOutputStream();
    while (at < line.length()) {
      char c = line.charAt(at++);
      if (c == quote) {
        return word.toString(StandardCharsets.ISO_8859_1);
      }
      word.write(c == '\\' && quote == '"' ? escape() : c);
    }
    throw new UsageException("misses a closing " + quote);
  }

  private int escape() {
    char c = at < line.length() ? line.charAt(at++) : ' ';
    return switch (c) {
      case 'n' -> '\n';
      case 't' -> '\t';
      case 'r' -> '\r';
      case '"', '\\' -> c;
      case 'x' -> {
        try {
          int b = Integer.parseInt(line.substring(at, at + 2), 16);
          at += 2;
          yield b;
        } catch (IndexOutOfBoundsException | NumberFormatException e) {
          throw new UsageException("\\x needs two hex digits");
        }
      }
      default -> throw new UsageException("unknown escape \\" + c);
    };
  }
}
