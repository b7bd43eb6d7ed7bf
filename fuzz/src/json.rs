//! JSON (RFC 8259) read strictly, one character after the other.

use serde_json::Value;

#[derive(Debug, Clone, PartialEq)]
pub enum Json {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

/// One document: UTF-8, no name twice in an object, nothing nested deeper than `max_depth`, nothing behind it.
pub fn read(bytes: &[u8], max_depth: usize) -> Option<Json> {
    let text = std::str::from_utf8(bytes).ok()?.chars().collect();
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(max_depth)?;
    reader.space();
    (reader.at == reader.text.len()).then_some(value)
}

impl Json {
    pub fn get(&self, name: &str) -> Option<&Json> {
        match self {
            Json::Object(members) => members.iter().find(|(member, _)| member == name).map(|(_, value)| value),
            _ => None,
        }
    }

    pub fn text(&self) -> Option<&str> {
        match self {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn list(&self) -> Option<&[Json]> {
        match self {
            Json::List(list) => Some(list),
            _ => None,
        }
    }

    /// Whether another reader found the same. The last bit of a fraction is a matter of taste.
    pub fn is(&self, other: &Value) -> bool {
        match (self, other) {
            (Json::Null, Value::Null) => true,
            (Json::Bool(one), Value::Bool(two)) => one == two,
            (Json::Number(one), Value::Number(two)) => {
                two.as_f64().is_some_and(|two| (one - two).abs() <= one.abs() * 1e-15 || *one == two)
            }
            (Json::Text(one), Value::String(two)) => one == two,
            (Json::List(one), Value::Array(two)) => {
                one.len() == two.len() && one.iter().zip(two).all(|(one, two)| one.is(two))
            }
            (Json::Object(one), Value::Object(two)) => {
                one.len() == two.len() && one.iter().all(|(name, one)| two.get(name).is_some_and(|two| one.is(two)))
            }
            _ => false,
        }
    }
}

struct Reader {
    text: Vec<char>,
    at: usize,
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        Some(c)
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(' ' | '\t' | '\n' | '\r')) {
            self.at += 1;
        }
    }

    fn value(&mut self, depth: usize) -> Option<Json> {
        self.space();
        match self.peek()? {
            '{' => self.object(depth.checked_sub(1)?),
            '[' => self.list(depth.checked_sub(1)?),
            '"' => self.string().map(Json::Text),
            't' => self.word("true", Json::Bool(true)),
            'f' => self.word("false", Json::Bool(false)),
            'n' => self.word("null", Json::Null),
            _ => self.number(),
        }
    }

    fn word(&mut self, word: &str, value: Json) -> Option<Json> {
        word.chars().all(|c| self.take(c)).then_some(value)
    }

    fn list(&mut self, depth: usize) -> Option<Json> {
        self.take('[');
        let mut list = Vec::new();
        self.space();
        if self.take(']') {
            return Some(Json::List(list));
        }
        loop {
            list.push(self.value(depth)?);
            self.space();
            match self.next()? {
                ',' => {}
                ']' => return Some(Json::List(list)),
                _ => return None,
            }
        }
    }

    fn object(&mut self, depth: usize) -> Option<Json> {
        self.take('{');
        let mut members: Vec<(String, Json)> = Vec::new();
        self.space();
        if self.take('}') {
            return Some(Json::Object(members));
        }
        loop {
            self.space();
            let name = self.string()?;
            // How serde_json writes a number that it keeps as text: never a name that an issuer has a use for.
            if name == "$serde_json::private::Number" || members.iter().any(|(known, _)| *known == name) {
                return None;
            }
            self.space();
            if !self.take(':') {
                return None;
            }
            members.push((name, self.value(depth)?));
            self.space();
            match self.next()? {
                ',' => {}
                '}' => return Some(Json::Object(members)),
                _ => return None,
            }
        }
    }

    fn string(&mut self) -> Option<String> {
        if !self.take('"') {
            return None;
        }
        let mut text = String::new();
        loop {
            match self.next()? {
                '"' => return Some(text),
                '\\' => text.push(self.escape()?),
                '\0'..='\x1f' => return None,
                c => text.push(c),
            }
        }
    }

    fn escape(&mut self) -> Option<char> {
        Some(match self.next()? {
            c @ ('"' | '\\' | '/') => c,
            'b' => '\x08',
            'f' => '\x0c',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let first = self.four_digits()?;
                if !(0xd800..0xdc00).contains(&first) {
                    return char::from_u32(first);
                }
                let second = if self.take('\\') && self.take('u') { self.four_digits()? } else { return None };
                let low = second.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
                char::from_u32(0x10000 + ((first - 0xd800) << 10) + low)?
            }
            _ => return None,
        })
    }

    fn four_digits(&mut self) -> Option<u32> {
        (0..4).try_fold(0, |number, _| Some(number * 16 + self.next()?.to_digit(16)?))
    }

    fn number(&mut self) -> Option<Json> {
        let start = self.at;
        self.take('-');
        if !self.take('0') {
            self.digits()?;
        }
        if self.take('.') {
            self.digits()?;
        }
        if self.take('e') || self.take('E') {
            let _ = self.take('+') || self.take('-');
            self.digits()?;
        }
        let text: String = self.text[start..self.at].iter().collect();
        let number: f64 = text.parse().ok()?;
        number.is_finite().then_some(Json::Number(number))
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }
}
