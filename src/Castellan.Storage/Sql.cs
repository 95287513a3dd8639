using System.Globalization;
using System.Runtime.CompilerServices;

namespace Castellan.Storage;

/// <summary>
/// A statement with its values. Written as <c>$"… WHERE id = {id}"</c>: each hole becomes <c>$1</c>, <c>$2</c>, … and its value a parameter, so a
/// value can never become part of the text. A list expands to <c>$1,$2,…</c> (write <c>IN ({ids})</c>), a nested <see cref="Sql"/> is spliced in.
/// What types a hole may have is decided by the overloads of <c>AppendFormatted</c>; booleans and all integers travel as <c>bigint</c>.
/// </summary>
[InterpolatedStringHandler]
public sealed class Sql
{
    /// <summary>Both engines take more; a list as long as this should be read in portions.</summary>
    private const int MaxHoles = 30_000;

    private static readonly object Zero = 0L;
    private static readonly object One = 1L;

    private readonly List<Hole> _holes;
    private char[] _text;
    private int _length;

    public Sql(int literalLength, int formattedCount)
    {
        _text = new char[literalLength + (formattedCount * 4)];
        _holes = new(formattedCount);
    }

    internal IReadOnlyList<Hole> Holes => _holes;

    internal ReadOnlySpan<char> Text => _text.AsSpan(0, _length);

    /// <summary>Text that stands in the statement as it is. Only for text that the program itself made, never for input.</summary>
    public static Sql Raw(string text)
    {
        var sql = new Sql(text.Length, 0);
        sql.AppendLiteral(text);
        return sql;
    }

    /// <summary>
    /// Ends a SELECT whose rows must stay until the transaction ends, as the parents of what it inserts do: where several write at once, one that is
    /// just being deleted is waited for, and then is not there.
    /// </summary>
    internal static Sql KeyShare(DbEngine engine) => Raw(engine == DbEngine.PostgreSql ? " FOR KEY SHARE" : "");

    /// <summary>Conditions joined by AND; <c>1 = 1</c> for none.</summary>
    public static Sql And(IReadOnlyCollection<Sql> conditions) => conditions.Count == 0 ? Raw("1 = 1") : Join(conditions, " AND ");

    /// <summary>The condition that a column of ids lies within a restriction.</summary>
    public static Sql Within(string column, Core.Realms.Restriction only)
    {
        var name = Raw(column);
        return And(
        [
            only.All ? Raw("1 = 1") : $"{name} IN ({only.Ids})",
            only.NotIds.Count > 0 ? $"{name} NOT IN ({only.NotIds})" : Raw("1 = 1"),
        ]);
    }

    public static Sql Join(IEnumerable<Sql> parts, string separator)
    {
        var all = new Sql(0, 0);
        foreach (var part in parts)
        {
            if (all._length > 0)
            {
                all.AppendLiteral(separator);
            }

            all.AppendFormatted(part);
        }

        return all;
    }

    public Sql Append(Sql more)
    {
        AppendFormatted(more);
        return this;
    }

    public void AppendLiteral(string value)
    {
        Reserve(value.Length);
        value.CopyTo(_text.AsSpan(_length));
        _length += value.Length;
    }

    public void AppendFormatted(string? value) => AddHole(SqlType.Text, value is null ? null : Storable(value));

    public void AppendFormatted(long value) => AddHole(SqlType.Integer, value switch { 0 => Zero, 1 => One, _ => value });

    public void AppendFormatted(long? value)
    {
        if (value is { } number)
        {
            AppendFormatted(number);
        }
        else
        {
            AddHole(SqlType.Integer, null);
        }
    }

    public void AppendFormatted(bool value) => AddHole(SqlType.Integer, value ? One : Zero);

    public void AppendFormatted(bool? value) => AddHole(SqlType.Integer, value switch { null => null, true => One, false => Zero });

    public void AppendFormatted(byte[]? value) => AddHole(SqlType.Bytes, value);

    /// <summary>A list for <c>IN (…)</c>. An empty one becomes NULL, which nothing is in (nor, in SQL, not in).</summary>
    public void AppendFormatted(IReadOnlyCollection<string> values) => AddList(values, static (sql, value) => sql.AppendFormatted(value));

    public void AppendFormatted(IReadOnlyCollection<long> values) => AddList(values, static (sql, value) => sql.AppendFormatted(value));

    public void AppendFormatted(Sql nested)
    {
        var copied = 0;
        foreach (var hole in nested._holes)
        {
            AppendText(nested.Text[copied..hole.Start]);
            AddHole(hole.Type, hole.Value);
            copied = hole.End;
        }

        AppendText(nested.Text[copied..]);
    }

    /// <summary>The text alone: values may be secrets and do not belong into a log.</summary>
    public override string ToString() => new(Text);

    private void AddList<T>(IReadOnlyCollection<T> values, Action<Sql, T> add)
    {
        if (values.Count == 0)
        {
            AppendLiteral("NULL");
            return;
        }

        // The last value is repeated up to the next power of two, so that lists of all lengths need only a few prepared statements.
        var padding = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)values.Count) - values.Count;
        var last = default(T)!;
        var first = true;
        foreach (var value in values)
        {
            if (!first)
            {
                AppendLiteral(",");
            }

            add(this, value);
            last = value;
            first = false;
        }

        for (; padding > 0; padding--)
        {
            AppendLiteral(",");
            add(this, last);
        }
    }

    private void AddHole(SqlType type, object? value)
    {
        if (_holes.Count >= MaxHoles)
        {
            throw new InvalidOperationException($"A statement has at most {MaxHoles} values.");
        }

        var start = _length;
        Reserve(8);
        _text[_length++] = '$';
        (_holes.Count + 1).TryFormat(_text.AsSpan(_length), out var written, provider: CultureInfo.InvariantCulture);
        _length += written;
        _holes.Add(new(start, _length, type, value));
    }

    private void AppendText(ReadOnlySpan<char> text)
    {
        Reserve(text.Length);
        text.CopyTo(_text.AsSpan(_length));
        _length += text.Length;
    }

    private void Reserve(int more)
    {
        if (_length + more > _text.Length)
        {
            Array.Resize(ref _text, Math.Max(_text.Length * 2, _length + more));
        }
    }

    /// <summary>
    /// PostgreSQL takes neither U+0000 nor half a surrogate pair. Whoever sends one finds nothing; that beats a broken request, and it is the same
    /// on both engines.
    /// </summary>
    internal static string Storable(string value)
    {
        if (!value.Contains('\0') && value.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') < 0)
        {
            return value;
        }

        var text = value.Replace('\0', '\uFFFD').ToCharArray();
        for (var i = 0; i < text.Length; i++)
        {
            if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(text[i]))
            {
                text[i] = '\uFFFD';
            }
        }

        return new(text);
    }

    internal readonly record struct Hole(int Start, int End, SqlType Type, object? Value);
}

internal enum SqlType
{
    Text, Integer, Bytes,
}
