using System.Diagnostics.CodeAnalysis;

namespace Castellan.Server.Admin;

/// <summary>Something that a route needs before it can go on, or the answer that refuses to.</summary>
public readonly struct Read<T>
{
    private readonly T? _value;
    private readonly AdminAnswer? _refusal;

    private Read(T? value, AdminAnswer? refusal) => (_value, _refusal) = (value, refusal);

    /// <summary>Whether there is a value; exactly one of the two is not null.</summary>
    public bool Ok([NotNullWhen(true)] out T? value, [NotNullWhen(false)] out AdminAnswer? refusal)
    {
        value = _value;
        refusal = _value is null ? _refusal ?? AdminAnswer.CannotParse : null;
        return _value is not null;
    }

    public static implicit operator Read<T>(T? value) => new(value, null);

    public static implicit operator Read<T>(AdminAnswer refusal) => new(default, refusal);
}
