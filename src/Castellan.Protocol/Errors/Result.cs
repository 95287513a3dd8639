using System.Diagnostics.CodeAnalysis;

namespace Castellan.Protocol.Errors;

/// <summary>A value or a refusal. <c>default</c> reads as <c>server_error</c>, never as success.</summary>
public readonly struct Result<T>
{
    private static readonly ProtocolError s_unset = new("server_error", Status: 500, Detail: "A result was never set.");
    private readonly T? _value;
    private readonly ProtocolError? _error;
    private readonly bool _ok;

    private Result(T value) => (_value, _error, _ok) = (value, null, true);

    private Result(ProtocolError error) => (_value, _error, _ok) = (default, error, false);

    /// <summary>Whether there is a value; exactly one of the two is not null.</summary>
    public bool Ok([NotNullWhen(true)] out T? value, [NotNullWhen(false)] out ProtocolError? error)
    {
        value = _value;
        error = _ok ? null : _error ?? s_unset;
        return _ok;
    }

    public static implicit operator Result<T>(T value) => new(value);

    public static implicit operator Result<T>(ProtocolError error) => new(error);
}
