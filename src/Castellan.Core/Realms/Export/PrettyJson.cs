namespace Castellan.Core.Realms.Export;

/// <summary>
/// Lays compact JSON out as Keycloak's files are: two blanks a level, <c>"key" : value</c>, lists on one line with their objects opened in
/// place. It works on bytes, so that a file of any size passes through piece by piece.
/// </summary>
public sealed class PrettyJson(Stream output)
{
    private readonly Stack<bool> _lists = new();
    private int _depth;
    private bool _inText;
    private bool _escaped;
    private byte _opened;

    /// <summary>Writes the next piece of one compact JSON document.</summary>
    public void Write(ReadOnlySpan<byte> compact)
    {
        foreach (var b in compact)
        {
            if (_inText)
            {
                output.WriteByte(b);
                (_inText, _escaped) = (b != '"' || _escaped, b == '\\' && !_escaped);
                continue;
            }

            Next(b);
        }
    }

    private void Next(byte b)
    {
        if (_opened != 0 && b is (byte)'}' or (byte)']' && _opened != 0)
        {
            output.WriteByte((byte)' ');
            Close(b);
            return;
        }

        if (_opened == '{')
        {
            _depth++;
            NewLine();
        }
        else if (_opened == '[')
        {
            output.WriteByte((byte)' ');
        }

        _opened = 0;
        switch (b)
        {
            case (byte)'{' or (byte)'[':
                output.WriteByte(b);
                _lists.Push(b == '[');
                _opened = b;
                break;
            case (byte)'}':
                _depth--;
                NewLine();
                Close(b);
                break;
            case (byte)']':
                output.WriteByte((byte)' ');
                Close(b);
                break;
            case (byte)',':
                output.WriteByte(b);
                if (_lists.Peek())
                {
                    output.WriteByte((byte)' ');
                }
                else
                {
                    NewLine();
                }

                break;
            case (byte)':':
                output.Write(" : "u8);
                break;
            default:
                _inText = b == '"';
                output.WriteByte(b);
                break;
        }
    }

    private void Close(byte b)
    {
        _opened = 0;
        _lists.Pop();
        output.WriteByte(b);
    }

    private void NewLine()
    {
        output.WriteByte((byte)'\n');
        for (var i = 0; i < _depth; i++)
        {
            output.Write("  "u8);
        }
    }
}
