using System.Globalization;
using System.Text;

namespace Castellan.Server.Pages;

/// <summary>The message format of Java, as far as the texts of pages and mails use it.</summary>
internal static class MessageFormat
{
    /// <summary>Fills in <c>{0}</c> and <c>{0,choice,…}</c>; text between apostrophes is as it stands, two are one.</summary>
    /// <param name="write">How an argument is written into the text; as it is for null.</param>
    public static string Fill(string text, ReadOnlySpan<object?> arguments, Func<string, string>? write = null)
    {
        var filled = new StringBuilder(text.Length + 64);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\'' && i + 1 < text.Length && text[i + 1] == '\'')
            {
                filled.Append('\'');
                i++;
            }
            else if (text[i] == '{' && text.IndexOf('}', i) is var end && end > i && Hole(text[(i + 1)..end], arguments) is { } value)
            {
                filled.Append(write is null ? value : write(value));
                i = end;
            }
            else
            {
                filled.Append(text[i]);
            }
        }

        return filled.ToString();
    }

    private static string? Hole(string hole, ReadOnlySpan<object?> arguments)
    {
        var parts = hole.Split(',', 3);
        if (!int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var index) || index >= arguments.Length)
        {
            return null;
        }

        return parts is [_, "choice", var choices] && arguments[index] is int number
            ? Choose(choices, number)
            : Convert.ToString(arguments[index], CultureInfo.InvariantCulture) ?? "";
    }

    /// <summary>The last choice whose limit the number reaches: <c>0#none|1#one|1&lt;many</c>; the first when it reaches none.</summary>
    private static string Choose(string choices, int number)
    {
        var chosen = "";
        var first = true;
        foreach (var choice in choices.Split('|'))
        {
            var at = choice.AsSpan().IndexOfAny('#', '<', '≤');
            if (at <= 0 || !int.TryParse(choice.AsSpan(0, at), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var limit))
            {
                continue;
            }

            if (first || (choice[at] == '<' ? number > limit : number >= limit))
            {
                chosen = choice[(at + 1)..];
            }

            first = false;
        }

        return chosen;
    }
}
